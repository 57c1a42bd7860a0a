import COpenSSL
import Crypto
import Glibc
import Testing

/// Two connected non-blocking sockets, closed with the object.
private final class Wire {
  let ends: [Int32]

  init() throws {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
    self.ends = ends
    // Once per process is enough, but every test may be the first.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit { for end in ends { close(end) } }
}

private let goodKey = [UInt8](1...32)

private func channel(
  _ role: TLSChannel.Role, _ wire: Wire, identity: String = "ztb-sync-1", key: [UInt8] = goodKey
) throws -> TLSChannel {
  try TLSChannel(
    role, descriptor: wire.ends[role == .client ? 0 : 1], identity: identity, key: key)
}

/// Lets both ends step in turn until both are done or one throws.
private func handshake(_ client: TLSChannel, _ server: TLSChannel) throws {
  for _ in 0..<10 {
    let progress = (try client.handshake(), try server.handshake())
    if progress == (.done(0), .done(0)) { return }
  }
  Issue.record("the handshake does not end")
}

@Suite("TLS channel")
struct TLSChannelTests {
  @Test("the same key on both ends: a megabyte arrives in order, both ways, then a close")
  func transfers() throws {
    let wire = try Wire()
    let (client, server) = (try channel(.client, wire), try channel(.server, wire))
    try handshake(client, server)
    for (sender, receiver) in [(client, server), (server, client)] {
      let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var (sent, received) = (0, [UInt8]())
      var blocked = false
      while received.count < message.count {
        if sent < message.count, case let progress = try sender.write(message[sent...]) {
          if case .done(let count) = progress { sent += count }
          blocked = blocked || progress == .wantsWrite
        }
        while case .done = try receiver.read(into: &received) {}
      }
      #expect(received == message)
      #expect(blocked == false || sent == message.count)
    }
    client.shutdown()
    var rest: [UInt8] = []
    #expect(try server.read(into: &rest) == .closed)
    #expect(rest.isEmpty)
  }

  @Test("nothing to read and a full socket are values, not errors")
  func wouldBlock() throws {
    let wire = try Wire()
    let (client, server) = (try channel(.client, wire), try channel(.server, wire))
    #expect(try server.handshake() == .wantsRead)
    try handshake(client, server)
    var buffer: [UInt8] = []
    #expect(try client.read(into: &buffer) == .wantsRead)
    let block = [UInt8](repeating: 1, count: 16_384)
    var last = TLSChannel.Progress.done(0)
    for _ in 0..<1_000 where last != .wantsWrite { last = try client.write(block[...]) }
    #expect(last == .wantsWrite)
    #expect(try client.write([]) == .done(0))
  }

  @Test("another key is refused")
  func wrongKey() throws {
    let wire = try Wire()
    let client = try channel(.client, wire, key: [UInt8](2...33))
    let server = try channel(.server, wire)
    #expect(throws: CryptoError.self) { try handshake(client, server) }
  }

  @Test("another identity is refused")
  func wrongIdentity() throws {
    let wire = try Wire()
    let client = try channel(.client, wire, identity: "ztb-sync-2")
    let server = try channel(.server, wire)
    #expect(throws: CryptoError.self) { try handshake(client, server) }
  }

  @Test("a server that shows a certificate instead of the key is refused")
  func certificate() throws {
    let wire = try Wire()
    let client = try channel(.client, wire)
    let server = try #require(Foreign(server: wire.ends[1]))
    var error: CryptoError?
    do {
      for _ in 0..<10 {
        #expect(try client.handshake() == .wantsRead)
        server.step()
      }
    } catch let caught { error = caught }
    #expect(error?.description == "TLS handshake: certificate verify failed")
  }

  @Test("TLS 1.2 is refused")
  func oldVersion() throws {
    let wire = try Wire()
    let server = try channel(.server, wire)
    let client = try #require(Foreign(oldClient: wire.ends[0]))
    client.step()
    #expect(throws: CryptoError.self) { try server.handshake() }
  }

  @Test("a peer that goes away is a close, in the handshake and later")
  func vanishes() throws {
    let wire = try Wire()
    let server = try channel(.server, wire)
    shutdown(wire.ends[0], Int32(SHUT_RDWR))
    #expect(try server.handshake() == .closed)
    let second = try Wire()
    let (client, other) = (try channel(.client, second), try channel(.server, second))
    try handshake(client, other)
    shutdown(second.ends[0], Int32(SHUT_RDWR))
    var buffer: [UInt8] = []
    #expect(try other.read(into: &buffer) == .closed)
    #expect(try other.write([1]) == .closed)
    other.shutdown()
  }

  @Test("keys of fewer than 16 octets are refused, and errors say why")
  func shortKey() throws {
    let wire = try Wire()
    #expect(throws: CryptoError.invalidLength(count: 15)) {
      try channel(.client, wire, key: [UInt8](1...15))
    }
    let error = CryptoError.library(operation: "x", code: 0x0a00_0126)
    #expect(error.description == "x: unexpected eof while reading")
  }
}

/// A peer that is not ours, on plain OpenSSL.
@safe private final class Foreign {
  private let ssl: OpaquePointer

  /// Speaks TLS 1.2 and nothing newer.
  init?(oldClient descriptor: Int32) {
    guard let context = unsafe SSL_CTX_new(TLS_method()) else { return nil }
    defer { unsafe SSL_CTX_free(context) }
    guard unsafe ztb_ssl_ctx_only_version(context, TLS1_2_VERSION) == 1,
      let made = unsafe SSL_new(context)
    else { return nil }
    unsafe ssl = made
    unsafe SSL_set_fd(ssl, descriptor)
    unsafe SSL_set_connect_state(ssl)
  }

  /// Answers with a certificate it signed itself.
  init?(server descriptor: Int32) {
    guard let key = unsafe ed25519Key(), let certificate = unsafe X509_new(),
      let context = unsafe SSL_CTX_new(TLS_method())
    else { return nil }
    defer {
      unsafe EVP_PKEY_free(key)
      unsafe X509_free(certificate)
      unsafe SSL_CTX_free(context)
    }
    unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), 0)
    unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), 3_600)
    unsafe X509_set_pubkey(certificate, key)
    guard unsafe X509_sign(certificate, key, nil) > 0,
      unsafe SSL_CTX_use_certificate(context, certificate) == 1,
      unsafe SSL_CTX_use_PrivateKey(context, key) == 1, let made = unsafe SSL_new(context)
    else { return nil }
    unsafe ssl = made
    unsafe SSL_set_fd(ssl, descriptor)
    unsafe SSL_set_accept_state(ssl)
  }

  deinit { unsafe SSL_free(ssl) }

  func step() {
    _ = unsafe SSL_do_handshake(ssl)
    ERR_clear_error()
  }
}

/// A fresh Ed25519 key.
private func ed25519Key() -> OpaquePointer? {
  guard let context = unsafe EVP_PKEY_CTX_new_id(NID_ED25519, nil) else { return nil }
  defer { unsafe EVP_PKEY_CTX_free(context) }
  var key: OpaquePointer?
  guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe EVP_PKEY_keygen(context, &key) == 1
  else { return nil }
  return unsafe key
}
