import FoundationEssentials
import JSON
import Testing

/// Everything of `Codable` that messages use, and what the protocols demand besides.
struct Everything: Codable, Hashable {
  enum Plain: String, Codable { case one, two }
  enum Rich: Codable, Hashable { case none, some(Int), pair(left: String, right: [UInt8]) }
  struct Nothing: Codable, Hashable {}

  var text = "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{1f}\u{7f}\"\\/é😀\u{2028}"
  var flags = [true, false]
  var small: [Int8] = [.min, .max]
  var octets: [UInt8] = [0, 255]
  var large: [Int64] = [.min, .max, 1 << 53 + 1]
  var largest: [UInt64] = [.max, 1 << 53 + 1]
  var widths = [UInt16.max]
  var doubles = [
    1, 0.1, -0.0, 1e15, 1e16, 1e22, 1e-5, 123_456_789.125, .pi, .greatestFiniteMagnitude,
    .leastNormalMagnitude, .leastNonzeroMagnitude,
  ]
  var floats: [Float] = [1, 0.1, 1e10, .greatestFiniteMagnitude]
  var absent: Int?
  var present: Int? = 7
  var holes: [Int?] = [1, nil]
  var plain = Plain.two
  var rich: [Rich] = [.none, .some(1), .pair(left: "", right: [7])]
  var named: [String: Double?] = ["": 1, "a b\n": 2, "A": 3, "aa": 4, "a_": nil, "é": 5, "a2": 6]
  var numbered = [3: "c"]
  var nothing = Nothing()
  var none: [Int] = []
  var nested = [[1, 2], []]
}

/// Encodes by hand what synthesised code never does.
private class Base: Codable {
  var base = 1
}
private final class Derived: Base {
  var list = [1, 2]
  private enum CodingKeys: CodingKey { case list, deep, own }

  override init() { super.init() }

  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var inner = try container.nestedUnkeyedContainer(forKey: .list)
    let first = try inner.decode(Int.self)
    #expect(try inner.decodeNil())
    let deep = try inner.nestedContainer(keyedBy: CodingKeys.self)
    var row = try inner.nestedUnkeyedContainer()
    list = [first, try deep.decode(Int.self, forKey: .deep), try row.decode(Int.self)]
    #expect(row.isAtEnd && !inner.isAtEnd && inner.currentIndex == 4)
    _ = try Base(from: try inner.superDecoder())
    #expect(try container.superDecoder(forKey: .own).singleValueContainer().decodeNil())
    try super.init(from: try container.superDecoder())
  }

  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var inner = container.nestedUnkeyedContainer(forKey: .list)
    try inner.encode(1)
    try inner.encodeNil()
    var deep = inner.nestedContainer(keyedBy: CodingKeys.self)
    var row = inner.nestedUnkeyedContainer()
    try super.encode(to: inner.superEncoder())
    try row.encode(3)
    try deep.encode(2, forKey: .deep)
    try container.encodeNil(forKey: .own)
    try super.encode(to: container.superEncoder())
    #expect(inner.count == 5)
  }
}

private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

private func foundation(
  _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting = []
) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
  return text(Array(try encoder.encode(value)))
}

private func decoded<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
  try JSONParser.parse(Array(text.utf8)).decode()
}

@Suite struct CodableTests {
  @Test("both texts are Foundation's, octet by octet, and are read back as they were")
  func sameText() throws {
    let value = try JSONValue(encoding: Everything())
    #expect(try text(value.compact) == foundation(Everything()))
    #expect(try text(value.indented) == foundation(Everything(), .prettyPrinted))
    #expect(try value.decode() == Everything())
    #expect(try decoded(Everything.self, text(value.indented)) == Everything())
    #expect(try JSONDecoder().decode(Everything.self, from: Data(value.compact)) == Everything())
  }

  @Test("the indented text as it stands, down to what is empty")
  func pinned() throws {
    struct Sample: Encodable {
      let text = "a/b\n\u{1}"
      let none: [Int] = []
      let nothing: [String: Int] = [:]
      let list = [1.0, 2.5]
    }
    #expect(
      text(try JSONValue(encoding: Sample()).indented) == #"""
        {
          "list" : [
            1,
            2.5
          ],
          "none" : [

          ],
          "nothing" : {

          },
          "text" : "a/b\n\u0001"
        }
        """#)
  }

  @Test("a single value, and an optional one, is a text of its own")
  func single() throws {
    #expect(text(try JSONValue(encoding: "x").compact) == #""x""#)
    #expect(text(try JSONValue(encoding: Int?.none).compact) == "null")
    #expect(text(try JSONValue(encoding: Int?.some(5)).compact) == "5")
    #expect(try decoded(Int?.self, "null") == nil)
    #expect(try decoded(Int?.self, "5") == 5)
  }

  @Test("nested containers and super encoders may be filled in any order")
  func byHand() throws {
    let value = try JSONValue(encoding: Derived())
    let expected =
      #"{"list":[1,null,{"deep":2},[3],{"base":1}],"own":null,"super":{"base":1}}"#
    #expect(text(value.compact) == expected)
    #expect(try foundation(Derived()) == expected)
    let read: Derived = try value.decode()
    #expect(read.list == [1, 2, 3] && read.base == 1)
  }

  @Test("a number that is not finite cannot be written, and the error says where")
  func notFinite() {
    for value in [Double.nan, .infinity, -.infinity] {
      #expect {
        _ = try JSONValue(encoding: ["a": [1, value]])
      } throws: { "\($0)" == ".a[1]: \(value) is no number that JSON knows" }
    }
  }

  @Test("a key may be unknown, absent or null where the value may be")
  func optional() throws {
    struct Sample: Codable, Hashable {
      var a: Int?
      var b: String
    }
    #expect(try decoded(Sample.self, #"{"b":"x","c":{"d":[]}}"#) == Sample(a: nil, b: "x"))
    #expect(try decoded(Sample.self, #"{"a":null,"b":"x"}"#) == Sample(a: nil, b: "x"))
    #expect(try decoded(Sample.self, #"{"a":3,"b":"x"}"#) == Sample(a: 3, b: "x"))
  }

  private static var wrong: [(any Decodable.Type, String, String)] {
    [
      (
        [String: [String: String]].self, #"{"gateway":{"name":5}}"#,
        ".gateway.name: expected a string, found 5"
      ),
      ([Int8].self, "[1,2,300]", ".[2]: expected a whole number -128…127, found 300"),
      (
        [[Int]].self, "[[],[true]]",
        ".[1][0]: expected a whole number"
          + " -9223372036854775808…9223372036854775807, found true"
      ),
      (UInt8.self, "-1", ".: expected a whole number 0…255, found -1"),
      (UInt8.self, "1.0", ".: expected a whole number 0…255, found 1.0"),
      (UInt8.self, "1e2", ".: expected a whole number 0…255, found 1e2"),
      (
        UInt64.self, "18446744073709551616",
        ".: expected a whole number 0…18446744073709551615, found 18446744073709551616"
      ),
      (UInt8.self, "\"7\"", ".: expected a whole number 0…255, found \"7\""),
      (
        Double.self, "1e400",
        ".: expected a number of at most 1.7976931348623157e+308, found 1e400"
      ),
      (Float.self, "-1e39", ".: expected a number of at most 3.4028235e+38, found -1e39"),
      (Double.self, "\"1\"", ".: expected a number, found \"1\""),
      (Bool.self, "1", ".: expected true or false, found 1"),
      (String.self, "null", ".: expected a string, found null"),
      ([Int].self, "{}", ".: expected a list, found an object"),
      ([String: Int].self, "[]", ".: expected an object, found a list"),
      ([String: Int].self, #"{"a":1,"b":2,"a":1}"#, ".a: the key is given twice"),
      (
        [String: Int].self, #"{"a b\u0000":null}"#,
        #"."a b\u0000": expected a whole number -9223372036854775808…9223372036854775807, found null"#
      ),
      (Everything.Plain.self, "\"three\"", ".: \"three\" is not known here"),
      (Everything.Plain.self, "3", ".: expected a string, found 3"),
      (
        [String: Everything.Rich].self, #"{"a":{"none":{},"some":{"_0":1}}}"#,
        ".a: Invalid number of keys found, expected one."
      ),
      (Everything.Rich.self, #"{"other":{}}"#, ".: Invalid number of keys found, expected one."),
      (Everything.Rich.self, #"{"some":{}}"#, ".some._0: the key is missing"),
      (Everything.Rich.self, #"{"some":[]}"#, ".some: expected an object, found a list"),
      (Base.self, "{}", ".base: the key is missing"),
      (Derived.self, #"{"list":[]}"#, ".list[0]: the list is too short"),
    ]
  }

  @Test(
    "what does not fit is named with its path, without the names of our types",
    arguments: wrong.indices)
  func misfits(index: Int) throws {
    let (type, given, message) = Self.wrong[index]
    let value = try JSONParser.parse(Array(given.utf8))
    let error = #expect(throws: JSONShapeError.self) { _ = try value.decode(type) }
    #expect(error?.description == message)
  }

  @Test("a stranger's long key or text is cut in the message")
  func bounded() throws {
    let long = String(repeating: "k", count: 100_000)
    for given in ["{\"\(long)\":[]}", "{\"a\":\"\(long)\"}"] {
      let error = #expect(throws: JSONShapeError.self) {
        _ = try decoded([String: Int].self, given)
      }
      #expect((error?.description.utf8.count ?? .max) < 200)
    }
  }

  @Test("a large object is read in one pass, not one a key")
  func manyKeys() throws {
    let members = (0..<50_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    let start = ContinuousClock.now
    let read = try decoded([String: Int].self, "{\(members)}")
    #expect(read.count == 50_000 && read["k49999"] == 49_999)
    // A pass a key would be over a billion comparisons.
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test("a text longer than the reader's bound is refused before it is read")
  func longText() throws {
    _ = try JSONParser.parse([0x31, 0x32], limitBytes: 2)
    let error = #expect(throws: JSONSyntaxError.self) {
      try JSONParser.parse([0x31, 0x32], limitBytes: 1)
    }
    #expect(error?.description == "line 1, column 1: the text is longer than 1 octets")
  }
}
