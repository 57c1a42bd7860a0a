import Wire

extension FlowTuple {
  /// Reads the inside of a `CTA_TUPLE_*` attribute.
  ///
  /// Both addresses and the protocol number are compulsory; so are the ports of protocols that
  /// have them. `CTA_TUPLE_ZONE` overrides `zone`.
  init(
    _ message: RawSpan, _ range: AttributeCursor, family: AddressFamily, zone: UInt16
  ) throws(NetlinkError) {
    self.init(
      family: family, transport: Transport(rawValue: 0), source: FlowAddress(high: 0, low: 0),
      destination: FlowAddress(high: 0, low: 0), sourcePort: 0, destinationPort: 0, zone: zone)
    var range = range
    var type: UInt16 = 0
    var value = range
    var parts = 0
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.Tuple.ip: parts |= try parseAddresses(message, value)
      case CTA.Tuple.transport: parts |= try parseTransport(message, value)
      case CTA.Tuple.zone: self.zone = try value.uint16(message, type)
      default: throw .invalid(attribute: type, offset: value.offset)
      }
    }
    if parts & 3 != 3 { throw .missing(attribute: CTA.Tuple.ip) }
    if parts & 4 == 0 { throw .missing(attribute: CTA.Tuple.transport) }
  }

  private mutating func parseAddresses(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) -> Int {
    var range = range
    var type: UInt16 = 0
    var value = range
    var found = 0
    while try range.next(message, &type, &value) {
      switch (type, family) {
      case (CTA.Tuple.sourceIPv4, .ipv4), (CTA.Tuple.sourceIPv6, .ipv6):
        source = try value.address(message, type, family)
        found |= 1
      case (CTA.Tuple.destinationIPv4, .ipv4), (CTA.Tuple.destinationIPv6, .ipv6):
        destination = try value.address(message, type, family)
        found |= 2
      default: throw .invalid(attribute: type, offset: value.offset)
      }
    }
    return found
  }

  private mutating func parseTransport(
    _ message: RawSpan, _ range: AttributeCursor
  ) throws(NetlinkError) -> Int {
    var range = range
    var type: UInt16 = 0
    var value = range
    var found = 0
    while try range.next(message, &type, &value) {
      switch type {
      case CTA.Tuple.number:
        transport = Transport(rawValue: try value.uint8(message, type))
        found = 4
      case CTA.Tuple.sourcePort, CTA.Tuple.icmpID, CTA.Tuple.icmpv6ID:
        sourcePort = try value.uint16(message, type)
      case CTA.Tuple.destinationPort: destinationPort = try value.uint16(message, type)
      case CTA.Tuple.icmpType, CTA.Tuple.icmpv6Type:
        destinationPort |= UInt16(try value.uint8(message, type)) << 8
      case CTA.Tuple.icmpCode, CTA.Tuple.icmpv6Code:
        destinationPort |= UInt16(try value.uint8(message, type))
      default: break  // Newer kernels may add keys of protocols that are not synchronised.
      }
    }
    return found
  }
}
