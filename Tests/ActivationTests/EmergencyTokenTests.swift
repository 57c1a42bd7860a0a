import Activation
import Testing

@Suite("Emergency tokens")
struct EmergencyTokenTests {
  private static let serial = "ZT4-0001"
  private static let now: Int64 = 1_800_000_000

  /// A token whose signature is the octets of a word, so that the core needs no cryptography.
  private static func token(
    _ payload: String =
      #"{"expires":1800000600,"purpose":"emergency-shell","serial":"ZT4-0001"}"#,
    signature: UInt8 = 7
  ) -> String {
    "ZTE1." + Base64URL.encode(Array(payload.utf8)) + "."
      + Base64URL.encode([UInt8](repeating: signature, count: 64))
  }

  private static func expiry(
    _ text: String, serial: String = serial, time: Int64? = now
  ) throws(EmergencyRefusal) -> Int64 {
    try EmergencyToken(text).expiry(serial: serial, time: time) { _, signature in
      signature.allSatisfy { $0 == 7 }
    }
  }

  @Test("a token that is signed, for this gateway and in time opens until it expires")
  func good() throws {
    #expect(try Self.expiry(Self.token()) == 1_800_000_600)
    let pasted = Self.token().enumerated().map {
      $0.offset % 60 == 59 ? "\($0.element)\r\n" : "\($0.element)"
    }
    #expect(try Self.expiry(" " + pasted.joined()) == 1_800_000_600)
  }

  @Test("the signature is over the mark and the payload as they stand")
  func signed() throws {
    var message: [UInt8] = []
    _ = try EmergencyToken(Self.token()).expiry(serial: Self.serial, time: Self.now) {
      message = $0
      return $1.count == 64
    }
    let text = Self.token()
    let end = try #require(text.lastIndex(of: "."))
    #expect(message == Array(text[..<end].utf8))
  }

  @Test("what is cut off, longer, or of another kind is damaged")
  func damaged() {
    let whole = Self.token()
    for length in 0..<whole.count {
      #expect(throws: EmergencyRefusal.damaged) { try Self.expiry(String(whole.prefix(length))) }
    }
    for text in [
      whole + ".", whole + "A", "ZTE2" + whole.dropFirst(4), whole.replacing("ZTE1", with: "zte1"),
      whole.replacing(".", with: "!"), Self.token(String(repeating: "x", count: 1_000)),
    ] {
      #expect(throws: EmergencyRefusal.damaged) { try Self.expiry(text) }
    }
  }

  @Test("nothing of a payload is read under a wrong signature")
  func forged() {
    #expect(throws: EmergencyRefusal.forged) { try Self.expiry(Self.token(signature: 8)) }
    #expect(throws: EmergencyRefusal.forged) {
      try Self.expiry(Self.token("{{{{", signature: 8), time: nil)
    }
  }

  @Test("another purpose, a missing field and no JSON open nothing")
  func purpose() {
    for payload in [
      "", "{", "[]", #"{"expires":1800000600,"serial":"ZT4-0001"}"#,
      #"{"expires":"1800000600","purpose":"emergency-shell","serial":"ZT4-0001"}"#,
      #"{"expires":1800000600,"purpose":"update","serial":"ZT4-0001"}"#,
      #"{"expires":1800000600,"purpose":"emergency-shell"}"#,
    ] {
      #expect(throws: EmergencyRefusal.unknownPurpose) { try Self.expiry(Self.token(payload)) }
    }
  }

  @Test("another gateway, a clock that was never set, and the very second of the end refuse")
  func refused() {
    #expect(throws: EmergencyRefusal.otherGateway("ZT4-0001")) {
      try Self.expiry(Self.token(), serial: "ZT4-0002")
    }
    #expect(throws: EmergencyRefusal.clockNotSet) { try Self.expiry(Self.token(), time: nil) }
    #expect(throws: EmergencyRefusal.expired) {
      try Self.expiry(Self.token(), time: 1_800_000_600)
    }
    #expect(throws: Never.self) { try Self.expiry(Self.token(), time: 1_800_000_599) }
  }
}
