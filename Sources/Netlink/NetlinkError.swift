/// Why a netlink message could not be read.
public enum NetlinkError: Error, Hashable, Sendable {
  /// The message or attribute at `offset` claims more octets than there are.
  case truncated(offset: Int)
  /// The attribute `type` at `offset` has a length or value that the format does not allow.
  case invalid(attribute: UInt16, offset: Int)
  /// An attribute that must be there is not.
  case missing(attribute: UInt16)
  /// The block has `count` octets, more than its limit.
  case oversized(count: Int)
}
