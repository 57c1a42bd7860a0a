import Testing

@testable import Wire

/// `portal.example` → 203.0.113.9, with a CNAME record before it.
private let answer: [UInt8] = [
  0x5a, 0x54,  // identifier
  0x81, 0x80,  // response, recursion desired and available, no error
  0, 1, 0, 2, 0, 0, 0, 0,  // one question, two answers
  6, 0x70, 0x6f, 0x72, 0x74, 0x61, 0x6c, 7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0,
  0, 1, 0, 1,  // A, IN
  0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 0x77, 0xc0, 12,  // CNAME w.portal.example
  1, 0x77, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9,  // A
]

@Suite("DNS messages")
struct DNSMessageTests {
  @Test("RFC 1035 4.1: a question for the addresses of a name")
  func question() {
    let octets = DNSMessage.question("portal.example", identifier: 0x5a54)
    #expect(octets?.prefix(12) == [0x5a, 0x54, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    #expect(octets.map { Array($0.dropFirst(12)) } == Array(answer[12..<32]))
  }

  @Test(
    "what is no host name is no question",
    arguments: ["", ".", "a..b", String(repeating: "a", count: 64), "a."])
  func notAName(text: String) { #expect(DNSMessage.question(text, identifier: 1) == nil) }

  @Test("addresses are read, other records passed over, names not followed")
  func addresses() throws {
    let read = try DNSMessage.answer(answer, identifier: 0x5a54)
    #expect(read.addresses == [IPv4Address(203, 0, 113, 9)] && read.responseCode == 0)
  }

  @Test("an answer to another question, and a question, are not taken")
  func foreign() {
    #expect(throws: DNSError.foreign) { try DNSMessage.answer(answer, identifier: 1) }
    var question = answer
    question[2] = 1
    #expect(throws: DNSError.foreign) { try DNSMessage.answer(question, identifier: 0x5a54) }
  }

  @Test("every truncation is an error, never a trap")
  func truncations() {
    for count in 0..<answer.count {
      #expect(throws: DNSError.self) {
        try DNSMessage.answer(Array(answer.prefix(count)), identifier: 0x5a54)
      }
    }
  }

  @Test("any octet may be any other: an answer or an error, never a trap")
  func noise() {
    for offset in 2..<answer.count {
      for value in [0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff] as [UInt8] {
        var octets = answer
        octets[offset] = value
        // Whether it can still be read does not matter here.
        _ = try? DNSMessage.answer(octets, identifier: 0x5a54)
      }
    }
  }
}
