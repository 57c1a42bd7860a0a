import CLinux
import Glibc
public import Linux
public import Wire

/// The name servers of the gateway's own programs: a file that each of them sees as
/// `/etc/resolv.conf` (``ProcessSpecification/resolverFile``).
///
/// It is written in place, because a bind mount shows a file and not a name; in one write, so that
/// nobody reads half of it.
public struct ResolverFile: Sendable {
  /// Where it is.
  public let path: String

  /// Names the file; nothing is touched.
  public init(path: String) { self.path = path }

  /// Makes the file say this. Readable by everyone, with whatever user they run.
  public func write(servers: [IPv4Address], search: [String] = []) throws(SystemError) {
    let octets = Array(ResolverFile.text(servers: servers, search: search).utf8)
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT, mode: 0o644)
    let number = file.rawValue
    // A mask of the process would take the right to read from the others.
    try system("fchmod", path) { fchmod(number, 0o644) }
    try system("write", path) { unsafe Glibc.write(number, octets, octets.count) }
    try system("ftruncate", path) { ftruncate(number, octets.count) }
  }

  /// What it says.
  static func text(servers: [IPv4Address], search: [String]) -> String {
    let domains = search.isEmpty ? "" : "search \(search.joined(separator: " "))\n"
    return servers.map { "nameserver \($0)\n" }.joined() + domains
      + "options timeout:2 attempts:2\n"
  }
}
