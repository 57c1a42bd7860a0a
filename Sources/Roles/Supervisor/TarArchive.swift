import CLinux
import Glibc
import Linux

/// A tar archive (POSIX.1-1988 ustar) that is written file by file.
///
///     0    name, 100       100  mode, 8      108  user, 8      116  group, 8
///     124  size, 12        136  time, 12     148  checksum, 8  156  type, 1
///     257  "ustar\0" "00"  then the contents, filled up to 512; two empty blocks at the end
final class TarArchive {
  /// The unit of the format.
  private static let block = 512
  private static let nameOctets = 100

  private let file: Descriptor
  private let time: Int64
  private let limitOctets: Int
  private var written = 0

  /// Makes the file, readable by its owner only. Contents beyond `limitOctets` are cut off.
  init(path: String, time: Int64, limitOctets: Int) throws(SystemError) {
    file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    self.time = time
    self.limitOctets = limitOctets
  }

  /// Adds a file; false when it was cut to fit.
  @discardableResult
  func add(_ name: String, _ contents: [UInt8]) throws(SystemError) -> Bool {
    precondition(name.utf8.count < Self.nameOctets, "names in the archive are our own, and short")
    // Header, filling and the end have to fit too.
    let room = max(0, limitOctets - written - 4 * Self.block)
    let kept = contents.prefix(room)
    try write(Self.header(name, size: kept.count, time: time))
    try write(kept)
    try write([UInt8](repeating: 0, count: (Self.block - kept.count % Self.block) % Self.block))
    return kept.count == contents.count
  }

  /// Writes the end.
  func finish() throws(SystemError) {
    try write([UInt8](repeating: 0, count: 2 * Self.block))
    let number = file.rawValue
    try system("fsync", "archive") { fsync(number) }
  }

  /// The block before a file's contents.
  static func header(_ name: String, size: Int, time: Int64) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: block)
    func put(_ octets: some Sequence<UInt8>, at offset: Int) {
      for (index, octet) in octets.enumerated() { header[offset + index] = octet }
    }
    put(name.utf8, at: 0)
    put(octal(0o600, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(size, 11), at: 124)
    put(octal(Int(time), 11), at: 136)
    header[156] = UInt8(ascii: "0")
    put("ustar".utf8, at: 257)
    put("00".utf8, at: 263)
    // The checksum is that of the block with spaces in its place.
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(Array(octal(sum, 6)) + [0, UInt8(ascii: " ")], at: 148)
    return header
  }

  private static func octal(_ number: Int, _ digits: Int) -> [UInt8] {
    let text = String(number, radix: 8)
    return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
  }

  private func write(_ octets: some Collection<UInt8>) throws(SystemError) {
    var rest = Array(octets)[...]
    while !rest.isEmpty {
      guard let count = try file.write(rest) else { continue }
      rest = rest.dropFirst(count)
    }
    written += octets.count
  }
}
