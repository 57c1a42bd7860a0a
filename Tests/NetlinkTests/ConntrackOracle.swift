import Netlink
import Wire

/// What must hold for any octets that a ctnetlink socket gives; for the fuzz target and the tests that
/// replay its corpus.
enum ConntrackOracle {
  /// The attributes of one message, behind its header; the first octet chooses which.
  ///
  /// - Returns: what is wrong; nil when nothing is.
  static func message(_ octets: [UInt8]) -> String? {
    guard let choice = octets.first else { return nil }
    return choice & 1 == 0 ? datagram(Array(octets.dropFirst())) : expectation(octets.dropFirst())
  }

  /// A datagram is read to its end, message by message.
  private static func datagram(_ octets: [UInt8]) -> String? {
    var reader = NetlinkReader()
    // A message has 16 octets at least, and the end of the datagram may be one more answer.
    for _ in 0...octets.count / 16 + 1 {
      do {
        guard let message = try unsafe reader.next(octets.span.bytes) else { return nil }
        if case .flow(let event) = message.body, let wrong = flow(event.flow) { return wrong }
        if case .expectation(let event) = message.body,
          let wrong = written(event.expectation)
        {
          return wrong
        }
      } catch { continue }
    }
    return "the reader does not come to an end"
  }

  /// What is asked of the kernel about a flow is between the same ends, and says the same when it is
  /// asked for what was read of it. Ports of a protocol without are not asked for.
  private static func flow(_ flow: Flow) -> String? {
    guard let once = requested(flow) else { return nil }
    let isSame =
      once.tuple.source == flow.tuple.source && once.tuple.destination == flow.tuple.destination
      && once.tuple.transport == flow.tuple.transport && once.tuple.zone == flow.tuple.zone
    guard isSame else { return "a request is about another flow: \(flow.tuple)" }
    return requested(once)?.tuple == once.tuple ? nil : "a request changes: \(once.tuple)"
  }

  private static func requested(_ flow: Flow) -> Flow? {
    var batch = MessageBatch(capacity: 4_096)
    guard batch.create(flow, timeoutSeconds: 1) != nil,
      case .flow(let event) = firstBody(of: batch)
    else { return nil }
    return event.flow
  }

  private static func expectation(_ octets: ArraySlice<UInt8>) -> String? {
    for family in AddressFamily.allCases {
      // Refusing is right for most octets.
      if let expectation = try? Expectation(parsing: Array(octets), family: family),
        let wrong = written(expectation)
      {
        return wrong
      }
    }
    return nil
  }

  private static func written(_ expectation: Expectation) -> String? {
    var batch = MessageBatch(capacity: 8_192)
    _ = batch.create(expectation)
    guard case .expectation(let event) = firstBody(of: batch) else {
      return "an expectation is not read back"
    }
    return event.expectation.tuple == expectation.tuple
      && event.expectation.master == expectation.master ? nil : "an expectation changes"
  }

  private static func firstBody(of batch: borrowing MessageBatch) -> NetlinkMessage.Body? {
    unsafe batch.withBytes { buffer in
      var reader = NetlinkReader()
      // An unreadable message is as wrong as none.
      return try? reader.next(unsafe buffer.bytes)?.body
    }
  }
}
