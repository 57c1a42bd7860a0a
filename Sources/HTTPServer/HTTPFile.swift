public import Linux

/// An open file, or a part of it, as an answer. It is closed when it was sent, or never will be.
public final class HTTPFile {
  /// First octet that is sent.
  let offset: UInt64
  /// Octets that are sent.
  let count: UInt64
  private var descriptor: Int32

  /// Takes a file that has at least `offset` + `count` octets.
  public init(_ file: consuming Descriptor, offset: UInt64, count: UInt64) {
    descriptor = file.release()
    self.offset = offset
    self.count = count
  }

  deinit { if descriptor >= 0 { _ = Descriptor(owning: descriptor) } }

  /// The open file; whoever takes it closes it.
  func takeDescriptor() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }
}
