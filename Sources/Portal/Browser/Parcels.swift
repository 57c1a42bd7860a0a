import PortalPages

/// What one request leaves for the next of the same session, because it was answered with a
/// redirect: the sentence that says what was done, and secrets that are shown once. They are kept
/// here and not in an address or a cookie, where secrets would stay.
final class Parcels {
  /// Parcels that wait; the oldest are dropped.
  static let limit = 1_000

  /// A secret that is shown once.
  enum Secret {
    /// The one-time link of a user.
    case invitation(user: String, url: String, expiresAt: Int64)
    /// An API token.
    case token(name: String, text: String)
  }

  private struct Parcel {
    var notice: Frame.Notice?
    var secret: Secret?
  }

  private var waiting: [[UInt8]: Parcel] = [:]
  private var order: [[UInt8]] = []

  /// Leaves a sentence for a session, known by its digest.
  func leave(_ notice: Frame.Notice, for session: [UInt8]) {
    change(session) { $0.notice = notice }
  }

  /// Leaves a secret for a session.
  func leave(_ secret: Secret, for session: [UInt8]) {
    change(session) { $0.secret = secret }
  }

  /// The sentence that waits, once.
  func takeNotice(_ session: [UInt8]) -> Frame.Notice? {
    let notice = waiting[session]?.notice
    if notice != nil { change(session) { $0.notice = nil } }
    return notice
  }

  /// The secret that waits, once.
  func takeSecret(_ session: [UInt8]) -> Secret? {
    let secret = waiting[session]?.secret
    if secret != nil { change(session) { $0.secret = nil } }
    return secret
  }

  private func change(_ session: [UInt8], _ body: (inout Parcel) -> Void) {
    var parcel = waiting[session] ?? Parcel()
    body(&parcel)
    order.removeAll { $0 == session }
    waiting[session] = nil
    guard parcel.notice != nil || parcel.secret != nil else { return }
    waiting[session] = parcel
    order.append(session)
    if order.count > Parcels.limit { waiting[order.removeFirst()] = nil }
  }
}
