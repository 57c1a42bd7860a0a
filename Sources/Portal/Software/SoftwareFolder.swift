import CLinux
import Glibc
import Linux
import Update
import Wire

/// The folder with the files of the versions that the portal keeps.
final class SoftwareFolder {
  /// Largest bundle, in octets.
  static let limitBytes = 512 << 20

  /// Where the files are.
  let path: String
  /// The public key that bundles must be signed with; nil: signatures are not checked.
  let key: [UInt8]?
  private var number = 0

  /// Makes the folder when it is missing, and removes what unfinished uploads left.
  init(path: String, key: [UInt8]?) throws(SystemError) {
    self.path = path
    self.key = key
    let code = unsafe mkdir(path, 0o700)
    if code != 0, errno != EEXIST {
      throw SystemError(call: "mkdir", code: errno, subject: path)
    }
  }

  /// Reads the file of a public key: 64 hexadecimal digits.
  static func readKey(_ path: String) throws(SystemError) -> [UInt8]? {
    let text = String(decoding: try Files.read(path, limitBytes: 4_096), as: UTF8.self)
    return Hexadecimal.octets(text.filter { !$0.isWhitespace }, count: 32)
  }

  /// The file of a version.
  func file(_ version: SoftwareVersion) -> String { "\(path)/\(version).ztb" }

  /// A name for a file that is on its way.
  func temporary() -> String {
    number += 1
    return "\(path)/.incoming-\(getpid())-\(number)"
  }

  /// Removes the files of uploads that ended with their process.
  func clean() {
    for name in Directory.names(path) where name.hasPrefix(".incoming-") {
      unsafe unlink(path + "/" + name)
    }
  }

  /// Opens the file of a version.
  func open(_ version: SoftwareVersion) throws(SystemError) -> OpenBundle {
    let opened = try Descriptor.open(file(version), O_RDONLY)
    let number = opened.rawValue
    var information = stat()
    try system("fstat", path) { unsafe fstat(number, &information) }
    return OpenBundle(file: opened, count: UInt64(clamping: information.st_size))
  }

  /// Removes the file of a version, if it is there.
  func remove(_ version: SoftwareVersion) { unsafe unlink(file(version)) }
}

/// A bundle that is read.
struct OpenBundle: ~Copyable {
  var file: Descriptor
  /// Its octets.
  var count: UInt64
}
