import JSON

/// `lan[].isolation`: hosts of one network reach each other through the policy alone, and each by the
/// address that it was given.
public struct LANIsolation: Hashable, Sendable {
  /// How hosts are told that everybody else is behind the gateway.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// They are lent an address without neighbours: a mask of 32 bits, and routes by the gateway (RFC
    /// 3442).
    case airgap
    /// They keep the network's mask, and the gateway answers for their neighbours.
    case airgapLite = "airgap-lite"
    /// They are not.
    case off
  }

  /// Never ``Mode/off``.
  public let mode: Mode
  /// Whether the switch lets hosts reach nobody but the gateway (private VLAN, isolated ports), so that
  /// those that do as they like are held to it, too.
  public let isSeparated: Bool

  /// Nil when there is none, or it is off.
  init?(reading section: Section?) {
    guard let section else { return nil }
    mode = section.word("mode")
    isSeparated =
      section.readOptional("separated", "true or false") {
        if case .bool(let value) = $0 { value } else { nil }
      } ?? false
    if mode == .off { return nil }
  }

  static let keys = ["mode", "separated"]

  var json: JSONValue {
    .object([.init("mode", .string(mode.rawValue)), .init("separated", .bool(isSeparated))])
  }
}

extension ConfigurationDocument {
  /// How the hosts of a LAN are kept apart; nil where they are neighbours.
  public func isolation(on interface: String) -> LANIsolation? {
    lan.first { $0.interface == interface }?.isolation
  }
}
