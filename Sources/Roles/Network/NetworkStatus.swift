import Wire

/// An interface as the kernel has it.
struct LinkStatus: Hashable {
  let index: Int32
  let name: String
  /// `macvlan`, `vlan` and so on; nil for hardware.
  let kind: String?
  /// Index of the interface below, 0: none.
  let parent: Int32
  let mac: MACAddress?
  let isUp: Bool
  let ignoresARP: Bool
  let vlan: UInt16?
  /// Set on what we made.
  let alias: String?
}

/// An address as the kernel has it.
struct AddressStatus: Hashable {
  let spec: AddressSpec
  /// Whether it carries the mark of what this program or a predecessor added.
  let isOurs: Bool
}
