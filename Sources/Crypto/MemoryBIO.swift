import COpenSSL

/// OpenSSL's stream in memory, through which PEM goes in and out.
@safe struct MemoryBIO: ~Copyable {
  /// For calls of the library, while this lives.
  let pointer: OpaquePointer

  /// A stream that holds `octets`; empty to write into.
  init(_ octets: [UInt8] = []) throws(CryptoError) {
    guard let made = unsafe BIO_new(BIO_s_mem()) else { throw .last("BIO_new") }
    unsafe pointer = made
    // A BIO in memory takes everything or is out of memory, which the reader then notices.
    if !octets.isEmpty { _ = unsafe BIO_write(pointer, octets, Int32(octets.count)) }
  }

  deinit { unsafe BIO_free(pointer) }

  /// Takes out everything that was written.
  func contents() -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(pointer))
    let count = unsafe BIO_read(pointer, &octets, Int32(octets.count))
    return Array(octets.prefix(max(0, Int(count))))
  }

  /// Takes out everything that was written, as text.
  func text() -> String { String(decoding: contents(), as: UTF8.self) }
}

/// The DER form that one of the library's `i2d` functions writes.
func der(
  _ operation: String, _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(CryptoError) -> [UInt8] {
  let count = write(nil)
  guard count > 0 else { throw .last(operation) }
  var octets = [UInt8](repeating: 0, count: Int(count))
  let written = unsafe octets.withUnsafeMutableBufferPointer { buffer in
    var cursor = buffer.baseAddress
    return unsafe write(&cursor)
  }
  guard written == count else { throw .last(operation) }
  return octets
}
