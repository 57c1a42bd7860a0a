public import Wire

/// Which adverts a router believes for their trailer.
public struct TrailerGate: Sendable {
  /// How far trailers are asked for.
  public enum Mode: Sendable {
    /// None is sent, none is wanted: an advert with one is too long.
    case off
    /// Sent; an advert without one is believed, one with a wrong one is not.
    case permissive
    /// Sent and wanted.
    case enforced
  }

  /// How far trailers are asked for.
  public let mode: Mode
  /// The one key there is.
  public let keyID: UInt8
  private var replays = ReplayGuard()

  /// A gate that has heard nobody.
  public init(_ mode: Mode, keyID: UInt8 = 1) {
    self.mode = mode
    self.keyID = keyID
  }

  /// Judges a packet that passed every other check; `utc` is nanoseconds since 1970.
  public mutating func admit(
    _ packet: AdvertisementPacket, utc: Int64, at now: Instant, by tag: AdvertisementTrailer.Tag
  ) throws(AdvertisementDrop) {
    guard let trailer = packet.trailer else {
      if mode == .enforced { throw .trailerMissing }
      return
    }
    guard mode != .off else {
      throw .tooLong(count: packet.message.count + AdvertisementTrailer.count)
    }
    guard trailer.keyID == keyID else { throw .trailerKey(trailer.keyID) }
    guard
      replays.allows(
        trailer.sequence, from: packet.source, interval: packet.advertisement.interval, utc: utc,
        at: now)
    else { throw .trailerReplayed }
    guard trailer.isAuthentic(packet.message, source: packet.source, by: tag) else {
      throw .trailerForged
    }
    replays.note(trailer.sequence, from: packet.source, at: now)
  }
}
