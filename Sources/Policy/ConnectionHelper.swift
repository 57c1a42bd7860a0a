/// A protocol that announces further connections inside its own. The kernel reads along, lets these
/// through as parts of what was allowed, and translates the addresses that are announced.
public enum ConnectionHelper: String, Hashable, Sendable, CaseIterable {
  /// RFC 959, control connection on TCP port 21.
  case ftp
  /// RFC 1350, UDP port 69: the server answers from a port of its own.
  case tftp
  /// RFC 3261 on UDP port 5060: SDP announces the media. Not over TCP, where the kernel changes the
  /// length of most messages and tells nobody, so that a standby could not go on.
  case sip

  /// Of the connections that are read along.
  private var service: (transport: String, port: UInt16) {
    switch self {
    case .ftp: ("tcp", 21)
    case .tftp: ("udp", 69)
    case .sip: ("udp", 5060)
    }
  }

  /// Whether it reads connections of this protocol to this port.
  public func reads(_ protocolNumber: UInt8, port: UInt16) -> Bool {
    (service.transport == "tcp" ? 6 : 17, service.port) == (protocolNumber, port)
  }

  /// Makes the object of the kernel, named after the protocol. Not the name of earlier builds, whose
  /// object knows IPv4 alone: one that is there stays as it is.
  var addition: String {
    "add ct helper \(PolicyCompiler.table) \(rawValue) "
      + "{ type \"\(rawValue)\" protocol \(service.transport); l3proto inet; }"
  }

  /// Removes it, behind the rules that name it.
  var removal: String { "delete ct helper \(PolicyCompiler.table) \(rawValue)" }

  /// For the first packet of a connection, before its entry is confirmed.
  var rule: String {
    "ct state new \(service.transport) dport \(service.port) ct helper set \"\(rawValue)\""
  }
}
