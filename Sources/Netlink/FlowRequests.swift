public import Wire

/// Requests about connections. Each returns its number.
extension MessageBatch {
  /// Which tuple a request names the entry by.
  public enum Direction: Sendable {
    /// By the original tuple.
    case original
    /// By the reply tuple as the kernel shows it.
    case reply
  }

  /// Makes the entry; refused with `EEXIST` when there is one.
  ///
  /// The reply tuple is the plain inverse and the translations stand beside it with minimum equal
  /// to maximum, which is the only form from which the kernel derives that it must translate. Of
  /// the TCP flags only ``TCPFlags/writable`` are written, plus ``TCPFlags/liberal`` until
  /// `strict`: the kernel does not know the window yet. `EXPECTED` is not written: the master sets
  /// it. Nil when the kernel has no answer to this ICMP type, so that no such entry can exist.
  public mutating func create(
    _ flow: Flow, timeoutSeconds: UInt32, strict: Bool = false
  ) -> UInt32? {
    guard let reply = flow.tuple.inverse else { return nil }
    let family = flow.tuple.family
    let sequence = begin(
      Header.connections, Header.new, Header.create | Header.exclusive, family)
    tuple(CTA.tupleOriginal, flow.tuple)
    tuple(CTA.tupleReply, reply)
    if let nat = flow.sourceNAT { translation(CTA.natSource, nat, flow.tuple) }
    if let nat = flow.destinationNAT { translation(CTA.natDestination, nat, flow.tuple) }
    attribute(CTA.status, status(flow).rawValue)
    attribute(CTA.timeout, timeoutSeconds)
    if let tcp = flow.tcp { tracking(tcp, strict: strict) }
    if let sctp = flow.sctp { tracking(sctp) }
    if flow.mark != 0 { attribute(CTA.mark, flow.mark) }
    if !flow.helper.isNone {
      nest(CTA.help) { $0.attribute(CTA.Inner.helperName, flow.helper.octets + [0]) }
    }
    adjustments(flow)
    if let master = flow.master { tuple(CTA.tupleMaster, master) }
    // The kernel forgets them without a word where no rule uses labels.
    if !flow.labels.isEmpty { attribute(CTA.labels, flow.labels.octets) }
    zone(flow.tuple)
    finish()
    return sequence
  }

  /// Brings an existing entry up to date; refused with `ENOENT` when there is none.
  ///
  /// Never carries translations, master or helper, which the kernel refuses on an existing entry,
  /// nor labels, which have a request of their own.
  /// A nil timeout leaves the entry's own.
  public mutating func update(
    _ flow: Flow, timeoutSeconds: UInt32?, strict: Bool = false
  ) -> UInt32 {
    let sequence = begin(Header.connections, Header.new, 0, flow.tuple.family)
    tuple(CTA.tupleOriginal, flow.tuple)
    // A related entry has EXPECTED, which must not differ.
    let status = status(flow).union(flow.master == nil ? [] : .expected)
    attribute(CTA.status, status.rawValue)
    if let timeoutSeconds { attribute(CTA.timeout, timeoutSeconds) }
    if let tcp = flow.tcp { tracking(tcp, strict: strict) }
    if let sctp = flow.sctp { tracking(sctp) }
    attribute(CTA.mark, flow.mark)
    adjustments(flow)
    zone(flow.tuple)
    finish()
    return sequence
  }

  /// Sets only the timeout of an existing entry.
  public mutating func setTimeout(_ key: FlowTuple, seconds: UInt32) -> UInt32 {
    let sequence = begin(Header.connections, Header.new, 0, key.family)
    tuple(CTA.tupleOriginal, key)
    attribute(CTA.timeout, seconds)
    zone(key)
    finish()
    return sequence
  }

  /// Sets only the mark of an existing entry.
  public mutating func setMark(_ key: FlowTuple, _ mark: UInt32) -> UInt32 {
    let sequence = begin(Header.connections, Header.new, 0, key.family)
    tuple(CTA.tupleOriginal, key)
    attribute(CTA.mark, mark)
    zone(key)
    finish()
    return sequence
  }

  /// Sets the labels of an existing entry, in the place of all that it had; refused with `ENOSPC`
  /// where no rule uses labels.
  public mutating func setLabels(_ key: FlowTuple, _ labels: FlowLabels) -> UInt32 {
    let sequence = begin(Header.connections, Header.new, 0, key.family)
    tuple(CTA.tupleOriginal, key)
    attribute(CTA.labels, labels.octets)
    zone(key)
    finish()
    return sequence
  }

  /// Has the windows of an existing TCP entry checked again, once it has seen traffic here; and
  /// sets its timeout unless nil.
  public mutating func makeStrict(_ key: FlowTuple, timeoutSeconds: UInt32? = nil) -> UInt32 {
    windows(key, flags: [], timeoutSeconds: timeoutSeconds)
  }

  /// Has packets outside the windows of an existing TCP entry let through.
  public mutating func makeLenient(_ key: FlowTuple) -> UInt32 {
    windows(key, flags: .liberal, timeoutSeconds: nil)
  }

  private mutating func windows(
    _ key: FlowTuple, flags: TCPFlags, timeoutSeconds: UInt32?
  ) -> UInt32 {
    let sequence = begin(Header.connections, Header.new, 0, key.family)
    tuple(CTA.tupleOriginal, key)
    if let timeoutSeconds { attribute(CTA.timeout, timeoutSeconds) }
    nest(CTA.protocolInformation) { batch in
      batch.nest(CTA.TCP.container) { batch in
        batch.flags(CTA.TCP.originalFlags, flags, mask: .liberal)
        batch.flags(CTA.TCP.replyFlags, flags, mask: .liberal)
      }
    }
    zone(key)
    finish()
    return sequence
  }

  /// Removes an entry; with a non-zero `id` only that incarnation.
  public mutating func delete(
    _ key: FlowTuple, by direction: Direction = .original, id: UInt32 = 0
  ) -> UInt32 {
    named(key, direction, Header.delete, id)
  }

  /// Asks for one entry; the answer is a `.new` event with this number.
  public mutating func get(_ key: FlowTuple, by direction: Direction = .original) -> UInt32 {
    named(key, direction, Header.get, 0)
  }

  /// Asks for every entry, of one family or (nil) of both; each is a `.new` event with this number, then `.done`.
  public mutating func dumpFlows(_ family: AddressFamily? = nil) -> UInt32 {
    let sequence = begin(Header.connections, Header.get, Header.dump, family)
    finish()
    return sequence
  }

  /// Asks for every entry of whose packets of a direction this is the source, as ``dumpFlows(_:)`` does.
  /// Kernels before 5.8 answer with every entry, some of 5.8 and 5.9 with none by the reply.
  public mutating func dumpFlows(from source: IPv4Address, _ direction: Direction) -> UInt32 {
    let sequence = begin(Header.connections, Header.get, Header.dump, .ipv4)
    nest(direction == .original ? CTA.tupleOriginal : CTA.tupleReply) { batch in
      batch.nest(CTA.Tuple.ip) { batch in
        batch.attribute(CTA.Tuple.sourceIPv4, source.value)
      }
    }
    nest(CTA.filter) { batch in
      batch.attribute(
        direction == .original ? CTA.Filter.original : CTA.Filter.reply,
        CTA.Filter.source.byteSwapped)
    }
    finish()
    return sequence
  }

  /// Asks for every entry of a connection that a helper announced, of both families, as ``dumpFlows(_:)``
  /// does. Kernels before 5.18 answer with every entry.
  public mutating func dumpAnnounced() -> UInt32 {
    let sequence = begin(Header.connections, Header.get, Header.dump, nil)
    attribute(CTA.status, FlowStatus.expected.rawValue)
    attribute(CTA.statusMask, FlowStatus.expected.rawValue)
    finish()
    return sequence
  }

  private mutating func named(
    _ key: FlowTuple, _ direction: Direction, _ kind: UInt16, _ id: UInt32
  ) -> UInt32 {
    let sequence = begin(Header.connections, kind, 0, key.family)
    tuple(direction == .original ? CTA.tupleOriginal : CTA.tupleReply, key)
    if id != 0 { attribute(CTA.id, id) }
    zone(key)
    finish()
    return sequence
  }

  private func status(_ flow: Flow) -> FlowStatus {
    flow.status.intersection([.seenReply, .assured]).union(.confirmed)
  }

  private mutating func zone(_ tuple: FlowTuple) {
    if tuple.zone != 0 { attribute(CTA.zone, tuple.zone) }
  }

  private mutating func translation(_ type: UInt16, _ to: Translation, _ key: FlowTuple) {
    nest(type) { batch in
      let (low, high) =
        key.family == .ipv4
        ? (CTA.Inner.minimumIPv4, CTA.Inner.maximumIPv4)
        : (CTA.Inner.minimumIPv6, CTA.Inner.maximumIPv6)
      batch.attribute(low, to.address, key.family)
      batch.attribute(high, to.address, key.family)
      guard key.transport.hasPorts || key.transport.isICMP else { return }
      batch.nest(CTA.Inner.ports) { batch in
        batch.attribute(CTA.Inner.minimumPort, to.port)
        batch.attribute(CTA.Inner.maximumPort, to.port)
      }
    }
  }

  private mutating func tracking(_ tcp: TCPTracking, strict: Bool) {
    let extra: TCPFlags = strict ? [] : .liberal
    nest(CTA.protocolInformation) { batch in
      batch.nest(CTA.TCP.container) { batch in
        batch.attribute(CTA.TCP.state, tcp.state.rawValue)
        batch.attribute(CTA.TCP.originalScale, tcp.originalScale)
        batch.attribute(CTA.TCP.replyScale, tcp.replyScale)
        batch.flags(CTA.TCP.originalFlags, tcp.originalFlags.union(extra), mask: .writable)
        batch.flags(CTA.TCP.replyFlags, tcp.replyFlags.union(extra), mask: .writable)
      }
    }
  }

  private mutating func tracking(_ sctp: SCTPTracking) {
    nest(CTA.protocolInformation) { batch in
      batch.nest(CTA.SCTP.container) { batch in
        batch.attribute(CTA.SCTP.state, sctp.state)
        batch.attribute(CTA.SCTP.originalTag, sctp.originalTag)
        batch.attribute(CTA.SCTP.replyTag, sctp.replyTag)
      }
    }
  }

  /// `struct nf_ct_tcp_flags`: the kernel applies `flags & mask`.
  private mutating func flags(_ type: UInt16, _ flags: TCPFlags, mask: TCPFlags) {
    let value = flags.intersection(mask)
    attribute(type, UInt16(value.rawValue) << 8 | UInt16(mask.rawValue))
  }

  private mutating func adjustments(_ flow: Flow) {
    if let value = flow.originalAdjustment { adjustment(CTA.adjustmentOriginal, value) }
    if let value = flow.replyAdjustment { adjustment(CTA.adjustmentReply, value) }
  }

  private mutating func adjustment(_ type: UInt16, _ value: SequenceAdjustment) {
    nest(type) { batch in
      batch.attribute(CTA.Inner.position, value.position)
      batch.attribute(CTA.Inner.before, UInt32(bitPattern: value.before))
      batch.attribute(CTA.Inner.after, UInt32(bitPattern: value.after))
    }
  }
}

extension MessageBatch {
  /// Appends a `CTA_TUPLE_*` or `CTA_EXPECT_TUPLE` attribute.
  mutating func tuple(_ type: UInt16, _ tuple: FlowTuple) {
    nest(type) { batch in
      batch.nest(CTA.Tuple.ip) { batch in
        let isIPv4 = tuple.family == .ipv4
        batch.attribute(
          isIPv4 ? CTA.Tuple.sourceIPv4 : CTA.Tuple.sourceIPv6, tuple.source, tuple.family)
        batch.attribute(
          isIPv4 ? CTA.Tuple.destinationIPv4 : CTA.Tuple.destinationIPv6, tuple.destination,
          tuple.family)
      }
      batch.nest(CTA.Tuple.transport) { batch in
        batch.attribute(CTA.Tuple.number, tuple.transport.rawValue)
        batch.ports(tuple)
      }
    }
  }

  private mutating func ports(_ tuple: FlowTuple) {
    let (type, code) = (
      UInt8(tuple.destinationPort >> 8), UInt8(truncatingIfNeeded: tuple.destinationPort)
    )
    switch tuple.transport {
    case .icmp:
      attribute(CTA.Tuple.icmpID, tuple.sourcePort)
      attribute(CTA.Tuple.icmpType, type)
      attribute(CTA.Tuple.icmpCode, code)
    case .icmpv6:
      attribute(CTA.Tuple.icmpv6ID, tuple.sourcePort)
      attribute(CTA.Tuple.icmpv6Type, type)
      attribute(CTA.Tuple.icmpv6Code, code)
    default:
      guard tuple.transport.hasPorts else { return }
      attribute(CTA.Tuple.sourcePort, tuple.sourcePort)
      attribute(CTA.Tuple.destinationPort, tuple.destinationPort)
    }
  }
}
