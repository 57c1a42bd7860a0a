import CLinux
import Glibc
import Linux
import Netlink

/// The connections in a machine's kernel, attribute by attribute, as ctnetlink dumps them.
///
/// Reads without the product's parser: what that does not know is seen here too.
struct KernelSessions {
  /// Types of nested attributes from the outside in, such as `4.1.1` for the state of TCP; the
  /// kernel's octets.
  typealias Entry = [String: [UInt8]]

  /// By ``key(_:)``.
  private(set) var entries: [String: Entry] = [:]

  /// Dumps the table of a machine now.
  init(_ host: Host) throws {
    let socket = try host.inside {
      try NetlinkSocket(
        NetlinkSocket.netfilter, receiveBufferBytes: 8 << 20, slots: 8, slotBytes: 32_768)
    }
    var request = MessageBatch()
    _ = request.dumpFlows()
    guard try unsafe request.withBytes({ try unsafe socket.send($0) }) else {
      throw LabError.failed("\(host.name): the kernel takes no request for a dump")
    }
    var isDone = false
    while !isDone {
      var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&waiting, 1, 10_000) == 1 else {
        throw LabError.timeout("\(host.name): a dump of the sessions")
      }
      _ = try socket.receive { datagram in
        let octets = unsafe datagram.withUnsafeBytes { unsafe Array($0) }
        if take(octets[...]) { isDone = true }
      }
    }
  }

  /// What names an entry: protocol family aside, its original tuple and zone.
  static func key(_ entry: Entry) -> String {
    let parts = entry.filter { $0.key.hasPrefix("1.") || $0.key == "18" }
    return parts.sorted { $0.key < $1.key }.map { "\($0.key)=\(KernelSessions.hex($0.value))" }
      .joined(separator: " ")
  }

  /// Octets for people.
  static func hex(_ octets: [UInt8]) -> String {
    octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// Takes the messages of a datagram; whether the last was among them.
  private mutating func take(_ datagram: ArraySlice<UInt8>) -> Bool {
    var rest = datagram
    while rest.count >= 16 {
      let length = Int(KernelSessions.host16(rest, 0)) | Int(KernelSessions.host16(rest, 2)) << 16
      guard length >= 16, length <= rest.count else { return true }
      let type = KernelSessions.host16(rest, 4)
      // NLMSG_DONE and NLMSG_ERROR end it.
      if type == 3 || type == 2 { return true }
      var entry: Entry = [:]
      // Behind nlmsghdr stands nfgenmsg, four octets.
      KernelSessions.walk(rest.dropFirst(20).prefix(length - 20), "", &entry)
      entries[KernelSessions.key(entry)] = entry
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return false
  }

  private static func walk(_ octets: ArraySlice<UInt8>, _ path: String, _ entry: inout Entry) {
    var rest = octets
    while rest.count >= 4 {
      let length = Int(host16(rest, 0))
      guard length >= 4, length <= rest.count else { return }
      let type = host16(rest, 2)
      let name = path + "\(type & 0x3fff)"
      let value = rest.dropFirst(4).prefix(length - 4)
      if type & 0x8000 != 0 { walk(value, name + ".", &entry) } else { entry[name] = Array(value) }
      rest = rest.dropFirst((length + 3) & ~3)
    }
  }

  private static func host16(_ octets: ArraySlice<UInt8>, _ offset: Int) -> UInt16 {
    let at = octets.startIndex + offset
    return UInt16(octets[at]) | UInt16(octets[at + 1]) << 8
  }
}
