import Crypto
import VRRP
import Wire

/// Seals our heartbeats and opens those of peers.
///
/// One key per node and boot: HKDF of the shared key with the boot id as salt, so that a counter
/// that starts again never meets the same key.
final class HeartbeatCipher {
  private final class Key {
    var cipher: AES128GCM

    init(_ shared: [UInt8], _ node: NodeID, _ boot: BootID) throws(CryptoError) {
      let info = Array("ztb heartbeat 1".utf8) + [node.value]
      cipher = try AES128GCM(
        key: try hkdfSHA256(
          key: shared, salt: boot.octets, info: info, count: AES128GCM.keyCount))
    }
  }

  private struct Source: Hashable {
    var node: NodeID
    var boot: BootID
  }

  /// Keys of boots of peers that are kept; anybody on the link can make us derive one more.
  private static let keyLimit = 8

  private let shared: [UInt8]
  private let own: Key
  private var keys: [(source: Source, key: Key)] = []

  /// Derives the key of our own boot from `shared`, 32 octets.
  init(shared: [UInt8], node: NodeID, boot: BootID) throws(CryptoError) {
    self.shared = shared
    own = try Key(shared, node, boot)
  }

  /// The datagram: the clear header, which is authenticated, then ciphertext and tag.
  func seal(_ header: HeartbeatHeader, _ heartbeat: Heartbeat) throws(CryptoError) -> [UInt8] {
    let clear = header.encoded
    let sealed = try own.cipher.seal(
      heartbeat.encoded, nonce: Self.nonce(header), additionalData: clear)
    return clear + sealed
  }

  /// Reads a datagram; throws ``WireError`` for a malformed, ``CryptoError`` for a forged one.
  func open(_ datagram: [UInt8]) throws -> (HeartbeatHeader, Heartbeat) {
    var reader = ByteReader(datagram)
    let header = try HeartbeatHeader(from: &reader)
    let sealed = Array(try reader.octets(reader.remaining))
    let plain = try key(of: header).cipher.open(
      sealed, nonce: Self.nonce(header),
      additionalData: Array(datagram.prefix(HeartbeatHeader.count)))
    var body = ByteReader(plain)
    return (header, try Heartbeat(from: &body))
  }

  private func key(of header: HeartbeatHeader) throws(CryptoError) -> Key {
    let source = Source(node: header.node, boot: header.boot)
    if let known = keys.first(where: { $0.source == source }) { return known.key }
    let key = try Key(shared, header.node, header.boot)
    if keys.count == Self.keyLimit { keys.removeFirst() }
    keys.append((source, key))
    return key
  }

  private static func nonce(_ header: HeartbeatHeader) -> [UInt8] {
    var writer = ByteWriter(capacity: AES128GCM.nonceCount)
    writer.uint32(0)
    writer.uint64(header.counter)
    return writer.bytes
  }
}
