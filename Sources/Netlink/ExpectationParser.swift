import Wire

extension Expectation {
  /// Reads the attributes in `range`; they are copied without `CTA_EXPECT_ID`.
  init(
    _ message: RawSpan, _ range: AttributeCursor, family: AddressFamily
  ) throws(NetlinkError) {
    guard range.count <= Self.sizeLimit else { throw .oversized(count: range.count) }
    let zone = try Self.zone(message, range)
    var master: FlowTuple?
    var tuple: FlowTuple?
    var timeout: UInt32 = 0
    var hasMask = false
    var kept: [UInt8] = []
    kept.reserveCapacity(range.count)
    var rest = range
    var type: UInt16 = 0
    var value = rest
    while true {
      let start = rest.offset
      guard try rest.next(message, &type, &value) else { break }
      switch type {
      case CTA.Expect.master:
        master = try FlowTuple(message, value, family: family, zone: zone)
      case CTA.Expect.tuple:
        tuple = try FlowTuple(message, value, family: family, zone: zone)
      case CTA.Expect.mask:
        _ = try FlowTuple(message, value, family: family, zone: zone)
        hasMask = true
      case CTA.Expect.timeout: timeout = try value.uint32(message, type)
      case CTA.Expect.id: continue
      case CTA.Expect.flags, CTA.Expect.helperClass: _ = try value.uint32(message, type)
      case CTA.Expect.zone: break
      case CTA.Expect.helperName, CTA.Expect.function:
        try Self.checkText(message, value, type)
      case CTA.Expect.nat: try Self.checkTranslation(message, value, family: family)
      default: throw .invalid(attribute: type, offset: value.offset)
      }
      kept += AttributeCursor(start, value.end).octets(message)
      while kept.count % 4 != 0 { kept.append(0) }
    }
    guard let master else { throw .missing(attribute: CTA.Expect.master) }
    guard let tuple else { throw .missing(attribute: CTA.Expect.tuple) }
    guard hasMask else { throw .missing(attribute: CTA.Expect.mask) }
    self.init(master: master, tuple: tuple, timeoutSeconds: timeout, attributes: kept)
  }

  private static func zone(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) -> UInt16 {
    var range = range
    var type: UInt16 = 0
    var value = range
    while try range.next(message, &type, &value) {
      if type == CTA.Expect.zone { return try value.uint16(message, type) }
    }
    return 0
  }

  /// A name of the kernel: 1…31 printable octets, with its terminator.
  private static func checkText(
    _ message: RawSpan, _ value: AttributeCursor, _ type: UInt16
  ) throws(NetlinkError) {
    let octets = value.octets(message)
    guard (2...32).contains(octets.count), octets.last == 0,
      octets.dropLast().allSatisfy({ (0x21...0x7e).contains($0) })
    else { throw .invalid(attribute: type, offset: value.offset) }
  }

  private static func checkTranslation(
    _ message: RawSpan, _ range: AttributeCursor, family: AddressFamily
  ) throws(NetlinkError) {
    var range = range
    var type: UInt16 = 0
    var value = range
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.Expect.natDirection: _ = try value.uint32(message, type)
      case CTA.Expect.natTuple: _ = try FlowTuple(message, value, family: family, zone: 0)
      default: throw .invalid(attribute: type, offset: value.offset)
      }
    }
  }
}
