import Crypto
import Glibc
import Linux
import Wire

/// Reads a file or device in large pieces, each seen once.
@safe struct PieceReader: ~Copyable {
  /// `O_DIRECT` (open(2)): past the page cache. The C header hides it behind another macro.
  private static let direct: Int32 = 0o40_000
  /// Octets of a piece; a multiple of every block size.
  private static let pieceOctets = 1 << 20

  private let descriptor: Int32
  private let owned: Descriptor?
  private let buffer: UnsafeMutableRawPointer

  /// Reads from an open file that somebody else closes.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    owned = nil
    unsafe buffer = Self.makeBuffer()
  }

  /// Opens a file and reads what the disk has of it, not what the kernel remembers.
  init(pastCache path: String) throws(SystemError) {
    let file: Descriptor
    do throws(SystemError) {
      file = try Descriptor.open(path, O_RDONLY | Self.direct)
    } catch {
      guard error.code == EINVAL else { throw error }
      // A file system in memory has no disk to read from.
      file = try Descriptor.open(path, O_RDONLY)
    }
    descriptor = file.rawValue
    owned = consume file
    unsafe buffer = Self.makeBuffer()
  }

  deinit { unsafe buffer.deallocate() }

  private static func makeBuffer() -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer.allocate(byteCount: pieceOctets, alignment: 4_096)
  }

  /// Hands `count` octets from `offset` on to `take`; fewer where the file ends before.
  ///
  /// - Returns: SHA-256 of what there was, as hexadecimal digits.
  func read(
    from offset: UInt64, count: UInt64,
    _ take: (UnsafeRawBufferPointer) throws(SystemError) -> Void
  ) throws(UpdateFailure) -> String {
    let digest: SHA256Stream
    do throws(CryptoError) { digest = try SHA256Stream() } catch { throw .library(error) }
    var done: UInt64 = 0
    while done < count {
      let length = try installing { () throws(SystemError) in
        try system("pread") {
          unsafe pread(descriptor, buffer, Self.pieceOctets, off_t(offset + done))
        }
      }
      guard length > 0 else { break }
      // Past the cache only whole blocks can be asked for: there may be more than is wanted.
      let wanted = min(UInt64(length), count - done)
      let piece = unsafe UnsafeRawBufferPointer(start: buffer, count: Int(wanted))
      unsafe digest.update(piece)
      try installing { () throws(SystemError) in unsafe try take(piece) }
      done += wanted
    }
    return Hexadecimal.text(digest.finish())
  }
}
