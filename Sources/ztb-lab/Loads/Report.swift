import Wire

/// What a load says about itself when it is asked.
struct Report: WireCodable {
  /// Parts of the load: sessions, flows, streams, transfers.
  var total = 0
  /// Parts that did their work again after the event was marked.
  var alive = 0
  /// Parts that were reset or refused.
  var resets = 0
  /// Parts that the other side sees under another address, port or identifier than before.
  var changed = 0
  /// Packets without an answer.
  var lost = 0
  /// Longest time without an answer, in milliseconds, one value per part.
  var stallsMs: [Double] = []
  /// Longest run of lost packets, in milliseconds.
  var gapMs = 0.0
  /// What went wrong or what a table should show, in words.
  var notes: [String] = []
  /// One entry per packet of a probe stream.
  var samples: [ProbeSample] = []

  init() {}

  init(from reader: inout ByteReader) throws(WireError) {
    total = try Int(from: &reader)
    alive = try Int(from: &reader)
    resets = try Int(from: &reader)
    changed = try Int(from: &reader)
    lost = try Int(from: &reader)
    stallsMs = try [Double](from: &reader)
    gapMs = try Double(from: &reader)
    notes = try [String](from: &reader)
    samples = try [ProbeSample](from: &reader)
  }

  func write(into writer: inout ByteWriter) {
    for number in [total, alive, resets, changed, lost] { number.write(into: &writer) }
    stallsMs.write(into: &writer)
    gapMs.write(into: &writer)
    notes.write(into: &writer)
    samples.write(into: &writer)
  }
}

/// One probe: when it left, relative to the marked event, and how long its answer took.
struct ProbeSample: WireCodable {
  /// Milliseconds after the event; negative before it.
  var sentMs: Double
  /// Round trip in milliseconds; negative when no answer came.
  var roundTripMs: Double

  init(sentMs: Double, roundTripMs: Double) {
    self.sentMs = sentMs
    self.roundTripMs = roundTripMs
  }

  init(from reader: inout ByteReader) throws(WireError) {
    sentMs = try Double(from: &reader)
    roundTripMs = try Double(from: &reader)
  }

  func write(into writer: inout ByteWriter) {
    sentMs.write(into: &writer)
    roundTripMs.write(into: &writer)
  }
}
