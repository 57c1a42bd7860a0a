public import Wire

/// What a node is in its group.
public enum Role: UInt8, Sendable, WireCodable {
  /// Just started; listens.
  case initializing
  /// Ready to take over.
  case standby
  /// Owns the virtual addresses.
  case active
}

/// One tracked port as its node sees it.
public struct LinkState: Hashable, Sendable {
  /// Name of the port, at most 15 octets.
  public var port: String
  /// Present, and with carrier.
  public var isUp: Bool

  /// Joins name and state.
  public init(port: String, isUp: Bool) {
    self.port = port
    self.isUp = isUp
  }
}

/// What a node tells its peers every ten milliseconds, encrypted, over the HA link.
///
/// Layout: the fields in the order of declaration; flags are bits from 1 up in the order
/// leaving, faulted, wants to be active, synchronised, asks back, holds off, returns drills. Lists
/// and texts have one octet of count. What stands after the lists came with a later version: it may
/// be absent, and octets behind it are ignored.
public struct Heartbeat: Hashable, Sendable {
  /// A boot of a peer that the sender heard, and the highest counter in it.
  public struct Echo: Hashable, Sendable {
    /// Whose boot.
    public var node: NodeID
    /// Which boot.
    public var boot: BootID
    /// Highest counter heard.
    public var counter: UInt64

    /// Joins the three.
    public init(node: NodeID, boot: BootID, counter: UInt64) {
      self.node = node
      self.boot = boot
      self.counter = counter
    }
  }

  /// The sender's role.
  public var role = Role.initializing
  /// The sender gives its role away or stops.
  public var isLeaving = false
  /// The sender cannot forward, for the reasons in ``faults``.
  public var isFaulted = false
  /// The sender asks the active to hand over (preemption).
  public var wantsActive = false
  /// The sender's session table is complete and an audit agreed: a planned move loses nothing.
  public var isSynchronised = false
  /// The sender began a drill and asks for the role that it gave away.
  public var asksBack = false
  /// The sender's ``FlapLimiter`` holds: it wants no role because of preference or health.
  public var holdsOff = false
  /// The sender answers ``asksBack``; an older one does not.
  public var returnsDrills = false
  /// VRRP priority as configured, 1…255; ``demotion`` is not in it.
  public var priority: UInt8 = 0
  /// The node that shall follow a leaving one; 0 = any.
  public var successor = NodeID(0)
  /// The sender's address on its first tracked port; the last tie-break.
  public var address = IPv4Address(0)
  /// Term of the sender's last activation since its start, 0 if none.
  public var term: UInt64 = 0
  /// Highest term the sender ever stored or saw.
  public var highestTerm: UInt64 = 0
  /// Silence after which the sender wants to be given up, in milliseconds.
  public var patienceMilliseconds: UInt16 = 0
  /// Hash of the part of the configuration that nodes share, 32 octets.
  public var configurationHash = [UInt8](repeating: 0, count: 32)
  /// Version of the policy in force.
  public var policyVersion: UInt64 = 0
  /// Hash of the policy in force, 32 octets.
  public var policyHash = [UInt8](repeating: 0, count: 32)
  /// The tracked ports.
  public var links: [LinkState] = []
  /// Why the sender is faulted, in words.
  public var faults: [String] = []
  /// The boots that the sender heard.
  public var echoes: [Echo] = []
  /// What is down, weighed; see ``Demotion``.
  public var demotion: UInt16 = 0
  /// The sources of the sender's adverts, by which it is told from foreign routers.
  public var addresses: [IPAddress] = []

  /// An empty heartbeat to be filled.
  public init() {}

  /// The silence after which the sender counts as gone, within our own bounds.
  public var patience: Interval {
    let asked = Interval.milliseconds(Int(patienceMilliseconds))
    return min(max(asked, Limits.heartbeatDead), Limits.patience)
  }

  /// How much the sender can do.
  public var health: Health { Health(isFaulted: isFaulted, demotion: demotion) }

  /// Tracked ports without carrier.
  private var linksDown: Int { links.count { !$0.isUp } }
}

extension Heartbeat: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    role = try Role(from: &reader)
    let flags = try reader.uint8()
    isLeaving = flags & 1 != 0
    isFaulted = flags & 2 != 0
    wantsActive = flags & 4 != 0
    isSynchronised = flags & 8 != 0
    asksBack = flags & 16 != 0
    holdsOff = flags & 32 != 0
    returnsDrills = flags & 64 != 0
    priority = try reader.uint8()
    successor = NodeID(try reader.uint8())
    address = try IPv4Address(from: &reader)
    term = try reader.uint64()
    highestTerm = try reader.uint64()
    patienceMilliseconds = try reader.uint16()
    configurationHash = Array(try reader.octets(32))
    policyVersion = try reader.uint64()
    policyHash = Array(try reader.octets(32))
    for _ in 0..<(try Self.count(&reader)) {
      links.append(LinkState(port: try Self.text(&reader), isUp: try Bool(from: &reader)))
    }
    for _ in 0..<(try Self.count(&reader)) { faults.append(try Self.text(&reader)) }
    for _ in 0..<(try Self.count(&reader)) {
      echoes.append(
        Echo(
          node: NodeID(try reader.uint8()), boot: try BootID(from: &reader),
          counter: try reader.uint64()))
    }
    guard reader.remaining > 0 else {
      demotion = UInt16(linksDown) * UInt16(Demotion.linkWeight)
      return
    }
    demotion = try reader.uint16()
    for _ in 0..<(try Self.count(&reader)) { addresses.append(try IPAddress(from: &reader)) }
  }

  public func write(into writer: inout ByteWriter) {
    role.write(into: &writer)
    let flags = [
      isLeaving, isFaulted, wantsActive, isSynchronised, asksBack, holdsOff, returnsDrills,
    ]
    writer.uint8(flags.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
    writer.uint8(priority)
    writer.uint8(successor.value)
    address.write(into: &writer)
    writer.uint64(term)
    writer.uint64(highestTerm)
    writer.uint16(patienceMilliseconds)
    Self.write(hash: configurationHash, into: &writer)
    writer.uint64(policyVersion)
    Self.write(hash: policyHash, into: &writer)
    let links = links.prefix(Limits.heartbeatList)
    writer.uint8(UInt8(links.count))
    for link in links {
      Self.write(text: link.port, into: &writer)
      link.isUp.write(into: &writer)
    }
    let faults = faults.prefix(Limits.heartbeatList)
    writer.uint8(UInt8(faults.count))
    for fault in faults { Self.write(text: fault, into: &writer) }
    let echoes = echoes.prefix(Limits.heartbeatList)
    writer.uint8(UInt8(echoes.count))
    for echo in echoes {
      writer.uint8(echo.node.value)
      echo.boot.write(into: &writer)
      writer.uint64(echo.counter)
    }
    writer.uint16(demotion)
    let addresses = addresses.prefix(Limits.heartbeatList)
    writer.uint8(UInt8(addresses.count))
    for address in addresses { address.write(into: &writer) }
  }

  private static func count(_ reader: inout ByteReader) throws(WireError) -> Int {
    let offset = reader.offset
    let count = try reader.uint8()
    guard count <= Limits.heartbeatList else {
      throw .invalid(offset: offset, value: UInt64(count))
    }
    return Int(count)
  }

  private static func text(_ reader: inout ByteReader) throws(WireError) -> String {
    let count = Int(try reader.uint8())
    let offset = reader.offset
    guard let text = String(validating: try reader.octets(count), as: UTF8.self) else {
      throw .notText(offset: offset)
    }
    return text
  }

  /// Cuts at a character, so that what was cut is still text.
  private static func write(text: String, into writer: inout ByteWriter) {
    var kept = text[...]
    while kept.utf8.count > Limits.heartbeatText { kept = kept.dropLast() }
    writer.uint8(UInt8(kept.utf8.count))
    writer.octets(kept.utf8)
  }

  private static func write(hash: [UInt8], into writer: inout ByteWriter) {
    precondition(hash.count == 32, "a hash in a heartbeat has 32 octets")
    writer.octets(hash)
  }
}
