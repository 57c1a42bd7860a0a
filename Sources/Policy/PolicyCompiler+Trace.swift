public import Wire

/// Packets that the kernel tells of as they pass its rules.
extension PolicyCompiler {
  /// The name of the table that chooses them, of family inet.
  public static let traceTableName = "ztb_trace"
  private static let traceTable = "inet \(traceTableName)"
  /// How many packets a second are told of; each is told of for every rule that matches it.
  public static let tracedPerSecond = 20

  /// Has the kernel tell whoever listens of packets of one direction, before anything else sees them.
  /// The table goes with the socket that made it, so that nothing of it outlives its owner.
  ///
  /// - Parameters:
  ///   - number: names its counter, ``traceCounter(_:)``.
  ///   - port: destination port; 0: any.
  public static func trace(
    number: UInt32, from source: IPAddress, to destination: IPAddress, protocolNumber: UInt8,
    port: UInt16
  ) -> String {
    let family = source.family == .ipv4 ? "ip" : "ip6"
    let service = "meta l4proto \(protocolNumber)" + (port == 0 ? "" : " th dport \(port)")
    let limit = "limit rate \(tracedPerSecond)/second burst \(tracedPerSecond) packets"
    let counter = traceCounter(number)
    return """
      table \(traceTable) {
      flags owner
      counter \(counter) { }
      chain choose {
      type filter hook prerouting priority raw - 1; policy accept;
      \(family) saddr \(source) \(family) daddr \(destination) \(service) \
      counter name "\(counter)" \(limit) meta nftrace set 1
      }
      }

      """
  }

  /// The counter of every packet that is chosen, also of those beyond ``tracedPerSecond``.
  public static func traceCounter(_ number: UInt32) -> String { "t_" + String(number, radix: 16) }

  /// Ends it. Fails when there is none.
  public static let traceRemoval = "delete table \(traceTable)\n"
}
