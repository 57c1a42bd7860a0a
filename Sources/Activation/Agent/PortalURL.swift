import Messages
import Wire

/// The address of a portal: `https://HOST[:PORT]`.
struct PortalURL: Hashable {
  /// Name or address; IPv6 without brackets.
  let host: String
  /// `host:port`, for people.
  let place: String
  /// Without a slash at the end.
  let text: String

  /// Reads one; nil unless it is https and nothing but host and port.
  init?(_ text: String) {
    guard text.hasPrefix("https://") else { return nil }
    var place = text.dropFirst("https://".count)
    if place.hasSuffix("/") { place = place.dropLast() }
    let allowed = place.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard !place.isEmpty, allowed, !place.contains(where: { "/?#@\\".contains($0) }) else {
      return nil
    }
    let end = place.hasPrefix("[") ? place.firstIndex(of: "]").map { place.index(after: $0) } : nil
    let named = place[..<(end ?? place.firstIndex(of: ":") ?? place.endIndex)]
    let port = place[named.endIndex...].dropFirst()
    guard !named.isEmpty, port.isEmpty || UInt16(port) != nil else { return nil }
    host = String(named.filter { $0 != "[" && $0 != "]" })
    self.place = port.isEmpty ? "\(named):443" : String(place)
    self.text = "https://\(place)"
  }
}

extension ProxyRoute {
  /// `host:port`, for people.
  var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether an exception covers a host: its name, its domain, its address or a prefix.
  func spares(_ target: String) -> Bool {
    exceptions.contains { exception in
      if exception == "*" { return true }
      if let prefix = IPv4Prefix(exception), let address = IPv4Address(target) {
        return prefix.contains(address)
      }
      let domain = exception.drop { $0 == "." || $0 == "*" }.lowercased()
      let name = target.lowercased()
      return !domain.isEmpty && (name == domain || name.hasSuffix(".\(domain)"))
    }
  }
}

/// Whether a host is an address, so that no name server is needed.
func isAddress(_ host: String) -> Bool { host.contains(":") || IPv4Address(host) != nil }
