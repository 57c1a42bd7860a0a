import CLinux
import Linux
import Netlink
import SessionSync
import Wire

/// The kernel's connection table: its events, its answers, and changes to it.
///
/// Changes go out on the socket that is subscribed to the events, so that the kernel knows the echo
/// of our own changes and drops it: nothing that came from the peer goes back to it. Questions go out there too, so that an answer stands in its place among the events. Dumps have
/// a socket of their own, where thousands of answers do not delay an event.
///
/// What only the owner of the sessions has to know, new and changed entries, is not asked for until
/// ``watchChanges(_:)`` says so: the kernel builds a message for each, even if nobody reads it.
final class KernelTable {
  private let events: NetlinkSocket
  private let dumps: NetlinkSocket
  private let reactor: Reactor
  private let deliver: (SyncEvent) -> Void
  private let failed: (SystemError) -> Void
  private var gathering: DeadlineTimer?

  private var requests = MessageBatch()
  private var dumpRequest = MessageBatch(capacity: 0)
  private var pending: [PendingBatch] = []
  private var questions: [UInt32: FlowTuple] = [:]
  private var dump = Dump.none
  /// The kernel dropped events or answers since the queue was last empty.
  private var hasLost = false

  /// Messages of the kernel that could not be read; a bug, or a newer kernel.
  private(set) var malformed = 0

  /// What a dump has come to.
  private enum Dump {
    case none
    case flows(UInt32, thenExpectations: Bool)
    case expectations(UInt32)
  }

  /// A batch in the kernel's hands: request `first + n` is operation `n`.
  private struct PendingBatch {
    let id: UInt64
    let first: UInt32
    let operations: [Installation]
    var failures: [InstallFailure]
  }

  /// Subscribes. `deliver` gets what the kernel reports; `failed` an error that ends the role.
  init(
    _ reactor: Reactor, deliver: @escaping (SyncEvent) -> Void,
    failed: @escaping (SystemError) -> Void
  ) throws(SystemError) {
    self.reactor = reactor
    self.deliver = deliver
    self.failed = failed
    events = try NetlinkSocket(
      NetlinkSocket.netfilter, receiveBufferBytes: SyncLimits.eventBufferBytes, slots: 64,
      slotBytes: 2_048)
    dumps = try NetlinkSocket(
      NetlinkSocket.netfilter, receiveBufferBytes: SyncLimits.dumpBufferBytes, slots: 8,
      slotBytes: 32_768)
    let groups = [
      NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_CONNTRACK_EXP_NEW, NFNLGRP_CONNTRACK_EXP_UPDATE,
      NFNLGRP_CONNTRACK_EXP_DESTROY,
    ]
    try events.dropOwnEchoes()
    for group in groups { try events.join(group: Int32(group.rawValue)) }
    gathering = try DeadlineTimer(reactor) { [unowned self] in readEventsThenWatch() }
    try reactor.add(events.descriptor) { [unowned self] _ in gather() }
    try reactor.add(dumps.descriptor) { [unowned self] _ in readDump() }
  }

  deinit {
    reactor.remove(events.descriptor)
    reactor.remove(dumps.descriptor)
  }

  /// Whether new and changed entries are reported from now on.
  func watchChanges(_ isWanted: Bool) {
    do throws(SystemError) {
      for group in [NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE] {
        let number = Int32(group.rawValue)
        if isWanted { try events.join(group: number) } else { try events.leave(group: number) }
      }
    } catch { failed(error) }
  }

  /// Makes the changes of a batch; the outcome comes as ``SyncEvent/installed(_:)``.
  func install(_ batch: InstallBatch) {
    sendRequests()
    var operations: [Installation] = []
    var failures: [InstallFailure] = []
    operations.reserveCapacity(batch.operations.count)
    let first = requests.nextSequence
    for operation in batch.operations {
      if requests.isFull { sendRequests() }
      if requests.append(operation) {
        operations.append(operation)
      } else {
        failures.append(InstallFailure(operation, .other(EINVAL)))
      }
    }
    if operations.isEmpty {
      return deliver(.installed(InstallReport(id: batch.id, failures: failures)))
    }
    pending.append(
      PendingBatch(id: batch.id, first: first, operations: operations, failures: failures))
    requests.acknowledgeLast()
    sendRequests()
  }

  /// Asks for one entry; the answer stands among the events that are read later.
  func ask(_ tuple: FlowTuple) {
    if requests.isFull { sendRequests() }
    questions[requests.get(tuple)] = tuple
  }

  /// Sends the questions that wait.
  func flush() { if !requests.isEmpty { sendRequests() } }

  /// Asks for the whole table, and for the expectations when this node owns them.
  func startDump(withExpectations: Bool) {
    dumpRequest.removeAll()
    dump = .flows(dumpRequest.dumpFlows(), thenExpectations: withExpectations)
    sendDumpRequest()
  }

  /// Reads events until there is none, at most so many; false when there may be more.
  func readEvents() -> Bool {
    for _ in 0..<SyncLimits.eventReadsPerTurn {
      do {
        let count = try events.receive { datagram in
          read(datagram) { message in self.take(message) }
        }
        if count == 0 {
          if hasLost { settleLost() }
          return true
        }
      } catch {
        guard error.code == ENOBUFS else {
          failed(error)
          return true
        }
        hasLost = true
      }
    }
    return false
  }

  // MARK: - Events

  /// Stops watching for a moment, so that one wake-up serves many events.
  private func gather() {
    watch([])
    gathering?.arm(at: MonotonicClock.now() + SyncLimits.gather)
  }

  private func readEventsThenWatch() {
    if readEvents() {
      watch(.readable)
    } else {
      gathering?.arm(at: MonotonicClock.now())
    }
  }

  private func watch(_ interest: Readiness) {
    do throws(SystemError) {
      try reactor.change(events.descriptor, to: interest)
    } catch { failed(error) }
  }

  private func read(_ datagram: RawSpan, _ body: (NetlinkMessage) -> Void) {
    var reader = NetlinkReader()
    while true {
      do {
        guard let message = try reader.next(datagram) else { return }
        body(message)
      } catch { malformed += 1 }
    }
  }

  private func take(_ message: NetlinkMessage) {
    switch message.body {
    case .flow(let event):
      if message.sequence != 0, questions.removeValue(forKey: message.sequence) != nil {
        deliver(.flowAnswered(event))
      } else {
        deliver(.flowChanged(event))
      }
    case .expectation(let event): deliver(.expectationChanged(event))
    case .acknowledged: settle(message.sequence, nil)
    case .failed(let code):
      if let tuple = questions.removeValue(forKey: message.sequence) {
        deliver(.flowAbsent(tuple))
      } else {
        settle(message.sequence, code)
      }
    case .counter, .generation, .trace, .done, .other: break
    }
  }

  // MARK: - Changes

  private func sendRequests() {
    do throws(SystemError) {
      let sent = try unsafe requests.withBytes { (bytes) throws(SystemError) -> Bool in
        if unsafe bytes.isEmpty { return true }
        return try unsafe events.send(bytes)
      }
      // The kernel handles requests while they are sent, so that there is nothing to wait for.
      if !sent { throw SystemError(call: "send", code: EAGAIN, subject: "netlink") }
      requests.removeAll()
    } catch { failed(error) }
  }

  /// Books the answer to one request of the oldest batch.
  private func settle(_ sequence: UInt32, _ code: Int32?) {
    guard let batch = pending.first else { return }
    let index = Int(sequence &- batch.first)
    guard batch.operations.indices.contains(index) else { return }
    if let code {
      pending[0].failures.append(InstallFailure(batch.operations[index], InstallRefusal(code)))
    }
    if index == batch.operations.count - 1 {
      let done = pending.removeFirst()
      deliver(.installed(InstallReport(id: done.id, failures: done.failures)))
    }
  }

  /// Tells of a loss once nothing is left to be read. The kernel drops everything until then, and
  /// what was queued before the loss must not seem newer than the comparison that follows. An
  /// answer that is still missing was dropped too: its batch counts as handled, a question is
  /// asked again.
  private func settleLost() {
    hasLost = false
    while !pending.isEmpty {
      let done = pending.removeFirst()
      deliver(.installed(InstallReport(id: done.id, failures: done.failures)))
    }
    let unanswered = questions.values
    questions = [:]
    for tuple in unanswered { ask(tuple) }
    deliver(.eventsLost)
  }

  // MARK: - Dumps

  private func sendDumpRequest() {
    do throws(SystemError) {
      _ = try unsafe dumpRequest.withBytes { (bytes) throws(SystemError) -> Bool in
        try unsafe dumps.send(bytes)
      }
    } catch { endDump(complete: false) }
  }

  private func readDump() {
    for _ in 0..<SyncLimits.dumpReadsPerTurn {
      do {
        let count = try dumps.receive { datagram in
          read(datagram) { message in self.takeDumped(message) }
        }
        if count == 0 { return }
      } catch { endDump(complete: false) }
    }
  }

  private func takeDumped(_ message: NetlinkMessage) {
    switch (dump, message.body) {
    case (.flows(message.sequence, _), .flow(let event)): deliver(.flowDumped(event))
    case (.expectations(message.sequence), .expectation(let event)):
      deliver(.expectationChanged(event))
    case (.flows(message.sequence, thenExpectations: true), .done):
      dumpRequest.removeAll()
      dump = .expectations(dumpRequest.dumpExpectations())
      sendDumpRequest()
    case (.flows(message.sequence, _), .done), (.expectations(message.sequence), .done):
      endDump(complete: true)
    case (.flows(message.sequence, _), .failed), (.expectations(message.sequence), .failed):
      endDump(complete: false)
    // What is left of a dump that was given up.
    default: break
    }
  }

  private func endDump(complete: Bool) {
    if case .none = dump { return }
    dump = .none
    deliver(.dumpEnded(complete: complete))
  }
}
