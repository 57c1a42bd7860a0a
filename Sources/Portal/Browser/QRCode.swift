import CQREncode

/// A QR code (ISO/IEC 18004), made by libqrencode.
///
/// Correction level L: a screen is clean, and fewer modules are easier to read.
struct QRCode: Hashable {
  /// Rows of modules; true is dark.
  let modules: [[Bool]]

  /// Encodes a text; nil when it does not fit (2 953 octets do).
  init?(_ text: String) {
    let octets = Array(text.utf8)
    guard !octets.isEmpty else { return nil }
    // The corresponding C function is `QRcode_encodeData`; version 0 takes the smallest that fits.
    // It returns NULL with ERANGE for too much; what it returns is ours to free.
    let code = unsafe octets.withUnsafeBufferPointer { buffer in
      unsafe QRcode_encodeData(Int32(buffer.count), buffer.baseAddress, 0, QR_ECLEVEL_L)
    }
    guard let code = unsafe code else { return nil }
    defer { unsafe QRcode_free(code) }
    let width = Int(unsafe code.pointee.width)
    guard let data = unsafe code.pointee.data else { return nil }
    // One octet a module, row by row; its lowest bit is the colour.
    modules = (0..<width).map { row in
      (0..<width).map { column in unsafe data[row * width + column] & 1 == 1 }
    }
  }
}
