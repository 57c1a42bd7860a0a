import Glibc
import Linux
import Netlink
import Wire

/// Connections in the kernel's table.
enum KernelConnections {
  /// Of more hosts than these, the table is read once and not for each.
  private static let hostsAskedFor = 16

  /// The connections that these hosts open or answer and whose mark is of the kind.
  static func find(
    of hosts: Set<IPv4Address>, where isMeant: (UInt32) -> Bool
  ) throws -> Set<FlowTuple> {
    var questions = MessageBatch(capacity: 4_096)
    var found: Set<FlowTuple> = []
    let known = Set(hosts.map { FlowAddress($0) })
    func ask(_ question: (inout MessageBatch) -> Void) throws {
      questions.removeAll()
      question(&questions)
      try flows(questions.bytes) { flow in
        guard isMeant(flow.mark), flow.tuple.family == .ipv4 else { return }
        let answering = flow.destinationNAT?.address ?? flow.tuple.destination
        if known.contains(flow.tuple.source) || known.contains(answering) {
          found.insert(flow.tuple)
        }
      }
    }
    if hosts.count > hostsAskedFor {
      try ask { _ = $0.dumpFlows(.ipv4) }
    } else {
      for host in hosts {
        try ask { _ = $0.dumpFlows(from: host, .original) }
        try ask { _ = $0.dumpFlows(from: host, .reply) }
      }
    }
    return found
  }

  /// The connections that helpers announced.
  static func announced() throws -> [Flow] {
    var question = MessageBatch(capacity: 4_096)
    _ = question.dumpAnnounced()
    var found: [Flow] = []
    try flows(question.bytes) { flow in
      if flow.status.contains(.expected), flow.master != nil { found.append(flow) }
    }
    return found
  }

  /// Gives connections a mark. One that has ended meanwhile needs none.
  static func mark(_ tuples: Set<FlowTuple>, _ mark: UInt32) throws {
    var batch = MessageBatch()
    for (index, tuple) in tuples.enumerated() {
      let last = batch.setMark(tuple, mark)
      guard batch.isFull || index == tuples.count - 1 else { continue }
      batch.acknowledgeLast()
      try send(batch.bytes, upTo: last)
      batch.removeAll()
    }
  }

  private static func flows(_ request: [UInt8], _ body: (Flow) -> Void) throws {
    try NetlinkDump.run(request, subject: "conntrack") { datagram in
      var reader = NetlinkReader()
      while let message = try reader.next(datagram) {
        switch message.body {
        case .flow(let event): body(event.flow)
        case .done: return true
        case .failed(let code): throw SystemError(call: "dump", code: code, subject: "conntrack")
        case .acknowledged, .counter, .generation, .expectation, .trace, .other: break
        }
      }
      return false
    }
  }

  /// Sends requests and waits for the answer to the last of them.
  private static func send(_ requests: [UInt8], upTo last: UInt32) throws {
    try NetlinkDump.run(requests, subject: "conntrack") { datagram in
      var reader = NetlinkReader()
      var isAnswered = false
      while let message = try reader.next(datagram) {
        if case .failed(let code) = message.body, code != ENOENT {
          throw SystemError(call: "setting a mark", code: code, subject: "conntrack")
        }
        isAnswered = isAnswered || message.sequence == last
      }
      return isAnswered
    }
  }
}
