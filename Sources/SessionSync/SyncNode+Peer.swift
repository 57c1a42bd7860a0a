import Netlink
public import Wire

// What the peer says, and what it is told.
extension SyncNode {
  mutating func connected() {
    disconnect()
    isConnected = true
    isHelloDue = true
    lastReceived = clock
    lastSent = clock
  }

  mutating func disconnect() {
    isConnected = false
    isHelloDue = false
    isHelloAckDue = false
    peer = nil
    position = nil
    assembler.removeAll()
    messages.removeAll()
    areNeighboursDue = false
    isInventoryDue = false
    peerInventory = nil
    frames.version = Hello.lowestVersion
    sender.disconnect()
    receiver.disconnect()
  }

  mutating func close(_ reason: CloseReason, _ actions: inout [SyncAction]) {
    disconnect()
    actions.append(.close(reason))
  }

  mutating func roleChanged(
    _ newRole: SyncRole, _ newTerm: UInt64, _ actions: inout [SyncAction]
  ) {
    guard role != newRole || newTerm > term else { return }
    term = max(term, newTerm)
    if newRole != role {
      role = newRole
      // Those of the other role; on promotion the kernel is asked soon.
      neighbours = []
      areNeighboursDue = false
      switch newRole {
      case .active:
        shadow.counters.promotions += 1
        actions.append(.watchChanges(true))
        // Traffic may have come here before the news of the promotion.
        for index in receiver.takeSuspects() where shadow.flows[index].isLive {
          shadow.ask(shadow.flows[index].flow.tuple)
        }
        lookAt = nil
        reconcileDelay = Limits.reconcile
        // A dump under way began before the kernel reported anything.
        reconcileAt = shadow.dump.isRunning ? clock + reconcileDelay : nil
        requestDump(&actions)
        receiver.promote(until: clock + Limits.drain)
        relaxDelay = Limits.relax
        relaxAt = clock + relaxDelay
      case .standby:
        actions.append(.watchChanges(false))
        sender.disconnect()
        sender.abandon(&shadow)
        position = nil
        relaxAt = nil
        shadow.beginStandby()
        walkAt = clock
        lookAt = clock + Limits.look
      }
    }
    isHelloDue = isConnected
    considerPeer()
  }

  /// Follows the peer when it is active, we are not, and its term is not an old one.
  private mutating func considerPeer() {
    guard role == .standby, let peer else { return }
    guard peer.role == .active else {
      receiver.leave()
      return
    }
    guard peer.term >= term else {
      shadow.counters.refusedTerm += 1
      receiver.leave()
      return
    }
    term = peer.term
    let stream = Receiver.Stream(term: peer.term, stream: peer.stream)
    // A greeting in the middle, because the peer's settings changed: its stream goes on.
    if receiver.isPositioned(in: stream) { return }
    receiver.follow(stream)
    isHelloAckDue = true
  }

  /// Whether records of the peer count.
  private var isFollowing: Bool { role == .standby && receiver.stream != nil }

  // MARK: Reading

  mutating func received(_ octets: ArraySlice<UInt8>, _ actions: inout [SyncAction]) {
    guard isConnected else { return }
    lastReceived = clock
    assembler.append(octets)
    do {
      while isConnected, let (header, body) = try assembler.next() {
        try read(header, body, &actions)
      }
    } catch { close(.malformed(error), &actions) }
  }

  private mutating func read(
    _ header: FrameHeader, _ body: ArraySlice<UInt8>, _ actions: inout [SyncAction]
  ) throws(WireError) {
    guard let type = FrameType(rawValue: header.type) else {
      shadow.counters.unknownParts += 1
      return
    }
    var reader = ByteReader(body)
    if type == .hello { return greet(try Hello(from: &reader), &actions) }
    guard peer != nil else { return close(.outOfOrder(type), &actions) }
    guard header.version == frames.version else {
      throw .invalid(offset: 4, value: UInt64(header.version))
    }
    switch type {
    case .hello, .ping: break
    case .message: actions.append(.messageReceived(Array(body)))
    case .neighbours: try neighboursReceived(&reader, &actions)
    case .inventory: peerInventory = try Inventory(from: &reader)
    case .records: try records(header, &reader, &actions)
    case .bulkBegin, .bulkEnd, .resume, .digest, .barrier:
      guard isFollowing else { return }
      try follow(type, header, &reader, &actions)
    case .helloAck, .ack, .resyncRequest, .barrierAck:
      guard role == .active else { return }
      try lead(type, &reader, &actions)
    }
  }

  private mutating func greet(_ hello: Hello, _ actions: inout [SyncAction]) {
    guard hello.node != configuration.node else {
      return close(.sameNode(hello.node), &actions)
    }
    guard let version = ownHello.commonVersion(with: hello) else {
      return close(.version(lowest: hello.lowest, highest: hello.highest), &actions)
    }
    frames.version = version
    if peer == nil {
      actions.append(.messagesWanted)
      areNeighboursDue = role == .active && !neighbours.isEmpty
    }
    peer = hello
    actions.append(.note(.greeted(hello)))
    let own = ownHello
    if hello.policy != own.policy { actions.append(.note(.mismatch(.policy))) }
    if hello.maximumFlows != own.maximumFlows { actions.append(.note(.mismatch(.maximumFlows))) }
    if hello.buckets != own.buckets { actions.append(.note(.mismatch(.buckets))) }
    if hello.helpers != own.helpers { actions.append(.note(.mismatch(.helpers))) }
    considerPeer()
  }

  /// Frames of the stream that we follow.
  private mutating func follow(
    _ type: FrameType, _ header: FrameHeader, _ reader: inout ByteReader,
    _ actions: inout [SyncAction]
  ) throws(WireError) {
    switch type {
    case .bulkBegin:
      let id = try reader.uint32()
      receiver.beginBulk(id, firstSequence: header.firstSequence, &shadow.counters)
    case .bulkEnd:
      let id = try reader.uint32()
      let digest = try StreamDigest(from: &reader)
      if !receiver.endBulk(id, digest, &shadow.counters, at: clock) {
        noteDifference(digest, &actions)
      }
      receiver.sweep(&shadow, &actions)
      if receiver.isSweeping { walkAt = clock }
    case .resume: receiver.resume(firstSequence: header.firstSequence, &shadow.counters)
    case .digest:
      let digest = try StreamDigest(from: &reader)
      if !receiver.compare(digest, &shadow.counters, at: clock) { noteDifference(digest, &actions) }
    default: receiver.installer.mark(.barrier(try reader.uint32()))
    }
  }

  private func noteDifference(_ peer: StreamDigest, _ actions: inout [SyncAction]) {
    let own = Int(truncatingIfNeeded: receiver.digest.flows)
    actions.append(.note(.tablesDiffer(own: own, peer: Int(truncatingIfNeeded: peer.flows))))
  }

  /// Frames of the peer that follows our stream.
  private mutating func lead(
    _ type: FrameType, _ reader: inout ByteReader, _ actions: inout [SyncAction]
  ) throws(WireError) {
    switch type {
    case .helloAck:
      let asked = try StreamPosition(from: &reader)
      // The answer to a greeting that is overtaken by a later one.
      guard asked.term == term, asked.stream == sender.stream else { return }
      position = asked
      startStream(&actions)
    case .ack:
      let ack = try Acknowledgement(from: &reader)
      if sender.acknowledge(ack, at: clock) {
        actions.append(.note(.bulkAcknowledged(id: ack.bulk)))
      }
    case .barrierAck:
      if sender.passBarrier(try reader.uint32()) { actions.append(.barrierPassed) }
    default: beginBulk(&actions)
    }
  }

  /// Begins to send once the peer has said from where and our own table is known.
  mutating func startStream(_ actions: inout [SyncAction]) {
    // Half a table, sent as a whole one, would have the peer sweep live sessions.
    guard role == .active, shadow.dump.isComplete, let asked = position else { return }
    position = nil
    if sender.canResume(after: asked.applied) {
      sender.resume(after: asked.applied, &shadow, at: clock)
      actions.append(.note(.resumed(after: asked.applied)))
    } else {
      beginBulk(&actions)
    }
  }

  private mutating func beginBulk(_ actions: inout [SyncAction]) {
    guard shadow.dump.isComplete else { return }
    sender.beginBulk(&shadow, at: clock)
    actions.append(.note(.bulkStarted(id: sender.bulk, flows: shadow.flows.count)))
  }

  private mutating func records(
    _ header: FrameHeader, _ reader: inout ByteReader, _ actions: inout [SyncAction]
  ) throws(WireError) {
    let isDraining = role == .active && receiver.isDraining(at: clock)
    guard isFollowing || isDraining else {
      if role == .active {
        shadow.counters.refusedActive += header.records
      } else {
        shadow.counters.refusedTerm += header.records
      }
      return
    }
    guard receiver.expects(header.firstSequence) else {
      let expected = receiver.received &+ 1
      return close(
        .sequenceGap(expected: expected, received: header.firstSequence), &actions)
    }
    for _ in 0..<header.records {
      switch try FlowRecord.parse(&reader) {
      case .invalid: shadow.counters.refusedInvalid += 1
      case .record(let record, let unknown):
        shadow.counters.unknownParts += unknown
        if isDraining {
          receiver.fillGap(record, &shadow, &actions)
        } else {
          receiver.take(record, &shadow, &actions, at: clock)
        }
      }
    }
    try reader.finish()
    receiver.advance(by: header.records)
  }

  // MARK: Writing

  private var ownHello: Hello {
    Hello(
      node: configuration.node, role: role, term: term, stream: configuration.stream,
      policy: configuration.policy, maximumFlows: configuration.maximumFlows,
      buckets: configuration.buckets, helpers: configuration.helpers)
  }

  /// Not before our own table is known: every record would find its entry in the way.
  private var isFollowDue: Bool { isHelloAckDue && shadow.dump.isComplete }

  private var isPingDue: Bool { lastSent + Limits.ping <= clock }

  /// Whether ``fill(_:limit:at:)`` would give octets now.
  public var hasOutput: Bool {
    guard isConnected else { return false }
    if isHelloDue { return true }
    guard peer != nil else { return false }
    return isFollowDue || receiver.owesAnswer || isPingDue || !messages.isEmpty
      || areNeighboursDue || isInventoryDue
      || sender.hasOutput(shadow, at: clock)
  }

  /// Appends up to about `limit` octets for the peer, in whole frames.
  ///
  /// Called when the channel has taken everything before, so that a slow link makes changes
  /// coalesce here instead of queueing there.
  public mutating func fill(_ output: inout [UInt8], limit: Int, at now: Instant) {
    clock = now
    guard isConnected else { return }
    if isHelloDue {
      isHelloDue = false
      let hello = ownHello
      frames.frame(.hello, firstSequence: sender.next) { hello.write(into: &$0) }
    }
    if peer != nil {
      answer()
      while frames.count < limit, let octets = messages.next() {
        frames.frame(.message, firstSequence: sender.next) { $0.octets(octets) }
      }
      writeNeighbours()
      writeInventory()
      sender.fill(&frames, limit: limit, &shadow, at: now)
      if frames.count == 0, isPingDue { frames.frame(.ping, firstSequence: sender.next) }
    }
    guard frames.count > 0 else { return }
    shadow.counters.sentOctets += frames.count
    frames.move(to: &output)
    lastSent = now
  }

  /// Writes what the stream of the peer calls for.
  private mutating func answer() {
    if isFollowDue, let stream = receiver.stream {
      isHelloAckDue = false
      let position = StreamPosition(
        term: stream.term, stream: stream.stream, applied: receiver.position(in: stream))
      frames.frame(.helloAck, firstSequence: sender.next) { position.write(into: &$0) }
    }
    if receiver.isAckDue {
      receiver.isAckDue = false
      let ack = receiver.acknowledgement
      frames.frame(.ack, firstSequence: sender.next) { ack.write(into: &$0) }
    }
    for id in receiver.passedBarriers {
      frames.frame(.barrierAck, firstSequence: sender.next) { $0.uint32(id) }
    }
    receiver.passedBarriers.removeAll(keepingCapacity: true)
    if receiver.isResyncDue {
      receiver.isResyncDue = false
      frames.frame(.resyncRequest, firstSequence: sender.next)
    }
  }
}
