import Linux
import Messages

/// What runs here.
enum RunningSoftware {
  /// The version of the image; of this program where there is no image.
  static let version: String = {
    // An ordinary Debian has no such file.
    guard let octets = try? Files.read("/usr/lib/ztb/version", limitBytes: 64) else {
      return Product.version
    }
    return String(decoding: octets, as: UTF8.self).filter { !$0.isWhitespace }
  }()
}
