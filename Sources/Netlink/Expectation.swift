public import Wire

/// A connection that a helper has announced and that the kernel will accept as related.
///
/// The kernel takes back what it reported without any change, so the attributes travel as they
/// are, after every one of them was checked. `CTA_EXPECT_ID` is left out: it means nothing on
/// another node.
public struct Expectation: Hashable, Sendable {
  /// The original tuple of the flow whose helper made the announcement.
  public let master: FlowTuple
  /// What a packet must look like, under the mask; with `master` the key.
  public let tuple: FlowTuple
  /// Seconds left when it was reported.
  public let timeoutSeconds: UInt32
  /// The `CTA_EXPECT_*` attributes as netlink lays them out, padded to four octets.
  public let attributes: [UInt8]

  /// The longest attribute block taken; the kernel's own are 250 to 400 octets.
  public static let sizeLimit = 1024

  init(master: FlowTuple, tuple: FlowTuple, timeoutSeconds: UInt32, attributes: [UInt8]) {
    self.master = master
    self.tuple = tuple
    self.timeoutSeconds = timeoutSeconds
    self.attributes = attributes
  }

  /// Parses and checks an attribute block, also one that came from a peer.
  ///
  /// Throws ``NetlinkError`` when a known attribute is malformed, an unknown one is present,
  /// a compulsory one is missing, or the block is longer than ``sizeLimit``.
  public init(parsing attributes: [UInt8], family: AddressFamily = .ipv4) throws(NetlinkError) {
    let message = unsafe attributes.span.bytes
    try self.init(message, AttributeCursor(0, attributes.count), family: family)
  }
}
