public import Wire

/// Endpoints that are cut off, whatever the rest of the policy says about them.
public struct Quarantine: Hashable, Sendable {
  /// Who is cut off. No address is given twice.
  public var members: [Member]
  /// Names of services about which the rest of the policy decides also for members. They open
  /// nothing by themselves.
  public var allow: [String]

  /// One endpoint.
  public struct Member: Hashable, Sendable {
    /// Its address; a host that speaks both families is two members.
    public var address: IPAddress
    /// Seconds since 1970 at which it is a member no more; nil: until a document says so.
    public var until: Int64?
    /// Why, for people.
    public var reason: String

    /// Joins the parts.
    public init(address: IPAddress, until: Int64? = nil, reason: String) {
      self.address = address
      self.until = until
      self.reason = reason
    }

    /// Whether it counts at a time in seconds since 1970; nil: a time before every expiry.
    public func counts(at time: Int64?) -> Bool {
      guard let until, let time else { return true }
      return time < until
    }
  }

  /// Joins the parts.
  public init(members: [Member] = [], allow: [String] = []) {
    self.members = members
    self.allow = allow
  }
}
