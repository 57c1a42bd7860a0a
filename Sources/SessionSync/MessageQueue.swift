/// What waits of the supervisor's messages, oldest first; they are few, and go before sessions.
struct MessageQueue {
  private var waiting: [[UInt8]] = []
  private var octets = 0

  var isEmpty: Bool { waiting.isEmpty }

  /// Adds a message; false when that is too much for a connection so slow.
  mutating func append(_ message: [UInt8]) -> Bool {
    guard octets + message.count <= Limits.messageQueue else { return false }
    octets += message.count
    waiting.append(message)
    return true
  }

  /// Takes the oldest.
  mutating func next() -> [UInt8]? {
    guard !waiting.isEmpty else { return nil }
    let message = waiting.removeFirst()
    octets -= message.count
    return message
  }

  mutating func removeAll() {
    waiting = []
    octets = 0
  }
}

extension SyncNode {
  /// Lays a message down for the peer. One that would be too much ends the connection: the next one
  /// begins with everything again.
  mutating func giveMessage(_ octets: [UInt8], _ actions: inout [SyncAction]) {
    precondition(octets.count <= Limits.messageFrame, "the supervisor keeps messages short")
    guard peer != nil else { return }
    if !messages.append(octets) { close(.messagesWaiting, &actions) }
  }
}
