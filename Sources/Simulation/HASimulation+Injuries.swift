public import VRRP
public import Wire

/// What a caller may do to the machines and networks; each is one line of the log.
extension HASimulation {
  /// Changes how packets of one sender travel: a node, or 2 and up for the foreign routers.
  public mutating func change(
    _ network: HANetwork, from sender: Int, _ body: (inout HAPath) -> Void
  ) {
    var path = paths[network.rawValue][sender]
    body(&path)
    guard path != paths[network.rawValue][sender] else { return }
    paths[network.rawValue][sender] = path
    changedAt[network.rawValue][sender] = now
    disturb("path \(network) from \(sender): \(path)")
  }

  /// Cuts or heals one direction, from `node` to everybody else.
  public mutating func setCut(_ isCut: Bool, _ network: HANetwork, from node: Int) {
    change(network, from: node) { $0.isCut = isCut }
  }

  /// Cuts or heals both nodes' directions.
  public mutating func setCut(_ isCut: Bool, _ network: HANetwork) {
    for node in 0..<2 { setCut(isCut, network, from: node) }
  }

  /// Loses packets of both nodes at random.
  public mutating func setLoss(permille: Int, _ network: HANetwork) {
    for node in 0..<2 { change(network, from: node) { $0.lossPermille = permille } }
  }

  /// Takes the carrier of a tracked port away, or gives it back.
  public mutating func setCarrier(_ isUp: Bool, port: Int, of node: Int) {
    guard nodes[node].carriers[port] != isUp else { return }
    nodes[node].carriers[port] = isUp
    for sender in changedAt[port].indices { changedAt[port][sender] = now }
    disturb("carrier of \(Self.portNames[port]) of \(node) \(isUp ? "up" : "down")")
    wake(node)
  }

  /// Power loss.
  public mutating func crash(_ node: Int) {
    guard nodes[node].isAlive else { return }
    let survivor = 1 - node
    let isClean = isSettled(survivor) && actives == [node]
    disturb("crash of \(node)")
    nodes[node].isAlive = false
    nodes[node].interfacesUp = false
    nodes[node].inbox = []
    if isClean { cleanDeath = (survivor, now) }
  }

  /// Boots a crashed node with what it had stored.
  public mutating func boot(_ node: Int) {
    guard !nodes[node].isAlive || nodes[node].hasFinished else { return }
    disturb("boot of \(node)")
    let old = nodes[node]
    nodes[node] = Node(group: makeGroup(node, storedTerm: old.storedTerm))
    nodes[node].carriers = old.carriers
    nodes[node].storedTerm = old.storedTerm
    start(node)
  }

  /// Freezes a node with its interfaces as they are.
  public mutating func pause(_ node: Int) {
    disturb("pause of \(node)")
    nodes[node].isPaused = true
  }

  /// Thaws it; what arrived meanwhile waits in its sockets, as far as they could hold it.
  public mutating func resume(_ node: Int) {
    guard nodes[node].isPaused else { return }
    disturb("resume of \(node)")
    nodes[node].isPaused = false
    nodes[node].wakeAt = now
  }

  /// Steps the wall clock of a node. Timers do not use it, but the kernel stamps packets with it: those
  /// that wait in the sockets seem to have arrived earlier or later, within what the reader believes.
  public mutating func stepClock(of node: Int, by step: Interval) {
    disturb("clock of \(node) steps by \(step)")
    for index in nodes[node].inbox.indices {
      let stamped = nodes[node].inbox[index].received + step
      nodes[node].inbox[index].received = min(now, max(nodes[node].emptiedAt, stamped))
    }
  }

  /// Tells a node something that its supervisor would.
  public mutating func tell(_ node: Int, _ event: SyncGroup.Event) {
    guard nodes[node].isRunning else { return }
    disturb("node \(node) is told \(event)")
    if case .stopRequested = event { nodes[node].isToldToStop = true }
    perform(nodes[node].group.handle(event, at: now), by: node)
    wake(node)
  }

  /// Power loss of a foreign router.
  public mutating func crashForeign(_ index: Int) {
    disturb("crash of foreign router \(index)")
    foreign[index].crash()
  }

  /// Boots a foreign router.
  public mutating func bootForeign(_ index: Int) {
    guard !foreign[index].isAlive else { return }
    disturb("boot of foreign router \(index)")
    foreign[index].boot(at: now)
  }

  private mutating func disturb(_ line: String) {
    note(line)
    disturbedAt = now
    cleanDeath = nil
    // Who could forward may be another now: the time without an active is counted anew.
    vacantSince = nil
  }
}

extension HAPath: CustomStringConvertible {
  /// The injuries, or `clean`.
  public var description: String {
    let words = [
      isCut ? "cut" : nil, lossPermille > 0 ? "loses \(lossPermille)‰" : nil,
      duplicatePermille > 0 ? "doubles \(duplicatePermille)‰" : nil,
      delay != HAPath().delay ? "delays up to \(delay)" : nil,
    ].compactMap(\.self)
    return words.isEmpty ? "clean" : words.joined(separator: ", ")
  }
}
