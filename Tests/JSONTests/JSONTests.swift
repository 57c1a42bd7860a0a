import JSON
import Testing

@Suite struct JSONTests {
  @Test("RFC 8259: every kind of value is read and written back canonically")
  func values() throws {
    let text =
      #" { "b" : [ true , false, null ], "a" : "x\n\u00e9\ud83d\ude00\"\\\/" , "n" : -12 } "#
    let value = try JSONParser.parse(Array(text.utf8))
    let canonical = String(decoding: value.canonical, as: UTF8.self)
    #expect(canonical == #"{"a":"x\u000aé😀\"\\/","b":[true,false,null],"n":-12}"#)
    #expect(try JSONParser.parse(value.canonical).canonical == value.canonical)
    #expect(try JSONParser.parse(Array(value.pretty.utf8)) == value)
  }

  @Test(
    "RFC 8259: what is not JSON is refused",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "1e", "+1", ".5", "tru", "nul",
      "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"",
      "1 2", "[1 2]", "{\"a\" 1}", "NaN", "// c\n1", "'a'",
    ])
  func refused(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
  }

  @Test("octets that are not UTF-8 are refused")
  func notText() {
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
  }

  @Test("nesting is bounded")
  func depth() throws {
    let deep = { (levels: Int) in
      Array(String(repeating: "[", count: levels).utf8)
        + Array(String(repeating: "]", count: levels).utf8)
    }
    _ = try JSONParser.parse(deep(33))
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(deep(34)) }
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(deep(100_000)) }
  }

  @Test("RFC 4648 10: base64 vectors, and no second text for the same octets")
  func base64() {
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "foobar": "Zm9vYmFy",
    ]
    for (plain, coded) in vectors {
      #expect(Base64.encode(Array(plain.utf8)) == coded)
      #expect(Base64.decode(coded) == Array(plain.utf8))
    }
    for wrong in ["Zg=", "Zg", "Zh==", "Z===", "====", "Zg==Zg==", "Z g=", "Zm9v\n"] {
      #expect(Base64.decode(wrong) == nil)
    }
  }
}
