import FoundationEssentials
import JSON
import Messages
import Testing

/// Every field of a request and of an answer, the optional ones too.
private enum Sample {
  static let request = """
    {"after":7,"at":"03:00","bothNodes":true,"canaries":["peer"],"code":"ABCD/EFGH",
    "confirmWithinSeconds":30,"diagnosis":"dns",
    "document":"{\\n  \\"a\\" : 1\\n}","dryRun":true,"lease":{"event":"bound","ip":"203.0.113.2"},
    "limit":50,"link":"ZTB1.x","oldPassword":"old","password":"new\\u0000","proxy":{"exceptions":
    ["10.0.0.0/8"],"host":"proxy","password":"p","port":3128,"user":"u"},"source":"https://a/b",
    "subinterface":{"address":"198.51.100.2/24","vlan":4},"target":"host","token":"ZTE1.y",
    "trace":{"from":"10.1.0.5","number":7,"port":443,"protocolNumber":6,"seconds":12,"to":
    "198.51.100.9"},
    "verb":"config apply","wan":{"address":"203.0.113.2/24","dns":["9.9.9.9"],
    "gateway":"203.0.113.1","mode":"static","vlan":7}}
    """

  private static let wan = """
    {"address":"203.0.113.17/24","carrier":true,"dns":["9.9.9.9"],"gateway":"203.0.113.1",
    "isConfigured":true,"leaseSecondsLeft":3600,"port":"wan","proxy":{"exceptions":[],
    "host":"proxy","password":"p","port":3128,"user":"u"},"settings":{"address":"203.0.113.2/24",
    "dns":[],"gateway":"203.0.113.1","mode":"static","vlan":7},"subinterface":{"address":
    "198.51.100.2/24","vlan":4}}
    """
  private static let appliance = """
    {"hasEmergencyShell":false,"hasPassword":true,"managementPort":"m","profile":"zt400",
    "serial":"ZTB1","unconfirmedSecondsLeft":12,"version":"1.0"}
    """
  private static let controller = """
    {"connected":false,"lastSeen":"2026-01-01T00:00:00.000Z","reason":"é","url":"https://p:8443"}
    """
  private static let activation = """
    {"canRetry":true,"failure":["a","b"],"gateway":"g","method":"link","remedy":"r","state":
    "in-progress","steps":[{"cause":"","name":"Portal reached","number":4,"state":"running"}]}
    """
  private static let ha = """
    {"advice":[{"problem":"p","remedy":"r"}],"checks":[{"isUp":true,"kind":"icmp","name":"isp",
    "target":"192.0.2.1","text":"0.4 ms","weight":40}],"link":{"carrier":true,"direct":true,
    "encrypted":true,"heartbeatsDropped":{"replay":18446744073709551615},"heartbeatsReceived":2,
    "heartbeatsSent":9007199254740993,"neighbour":"other"},"peer":{"configurationAgrees":true,
    "faults":["x"],"policyVersion":3,"priority":100,"seenMsAgo":0.1,"state":"standby","term":5},
    "rank":{"causes":["isp"],"demotion":40,"effective":60,"heldMs":1500,"priority":100},
    "reason":"","role":"active","term":5,"vrrp":[{"addresses":["10.1.0.1"],"advertIntervalMs":100,
    "advertsDropped":{},"advertsReceived":1,"advertsSent":2,"carrier":true,"family":"IPv4",
    "groupId":77,"port":"p2","state":"active"}]}
    """
  private static let sync = """
    {"bulk":"complete","comparedMsAgo":12.25,"counters":{"zeta":1,"Alpha":2,"alpha":3},"digest":
    "ff","digestsAgree":true,"direction":"source","lagMs":1e-05,"matrix":[{"here":1,"kind":"tcp4",
    "note":"","peer":2}],"notSynchronised":["x"],"peerDigest":"ff","peerSessions":8,"queued":0,
    "ready":true,"reason":"","refused":0,"sessions":9}
    """
  static let answer = """
    {"activation":\(activation),"appliance":\(appliance),"channels":[{"cause":"c","name":"dns",
    "peer":"9.9.9.9:53","verdict":"Not present"}],"controller":\(controller),"document":"{}\\n",
    "done":true,"drill":{"isDryRun":false,"steps":[{"by":"probe","outageMs":1.4,"probesLost":1,
    "text":"t"}],"verdict":"v"},"events":[{"cause":"c","kind":"ha.role","number":-1,"text":"t",
    "time":"2026-01-01T00:00:00.000Z"}],"leases":[{"address":"10.1.0.100","mac":"m","name":"n",
    "until":"u"}],"lines":["1","2"],"status":{"activation":"activated","alarms":["a"],
    "appliance":\(appliance),"controller":\(controller),"gateway":"g","ha":\(ha),"isolation":[{
    "enforced":true,"hosts":3,"interface":"ge2","mode":"airgap"}],"leases":{"inUse":3,"peer":4},
    "policy":{"appliedAt":"","error":"","hash":"sha256:0","loaded":true,"version":42},"progress":\(activation),"roles":[{"name":"vrrp","pid":12,"restarts":0,"state":
    "running"}],"since":"2026-01-01T00:00:00.000Z","software":{"isTrial":true,"slot":"a","update":
    {"at":"","percent":10,"reason":"","state":"writing","version":"2"},"version":"1"},"state":
    "active","sync":\(sync),"wan":\(wan)},"text":"tab\\there / 😀","wan":\(wan)}
    """

  static func value(_ text: String) throws -> JSONValue {
    try JSONParser.parse(Array(text.utf8))
  }
}

private func foundation(
  _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
  return Array(try encoder.encode(value))
}

/// Whether an optional anywhere in a value is nil.
private func lacks(_ value: Any) -> Bool {
  let mirror = Mirror(reflecting: value)
  if mirror.displayStyle == .optional, mirror.children.isEmpty { return true }
  return mirror.children.contains { lacks($0.value) }
}

@Suite("Lines of the control protocol") struct ControlLineTests {
  @Test("every field is read, and written as Foundation wrote it, on a line and indented")
  func sameText() throws {
    let (request, answer) = (try Sample.value(Sample.request), try Sample.value(Sample.answer))
    let readRequest = try ControlRequest(line: request.compact)
    let readAnswer = try ControlAnswer(line: answer.compact + [10])
    #expect(!lacks(readRequest) && !lacks(readAnswer), "the samples hold every field")
    #expect(readRequest.line == request.compact)
    #expect(try readAnswer.line == answer.compact)
    #expect(try foundation(readRequest, []) == request.compact)
    #expect(try foundation(readAnswer, []) == answer.compact)
    #expect(try JSONValue(encoding: readAnswer).indented == foundation(readAnswer, .prettyPrinted))
    #expect(try JSONDecoder().decode(ControlAnswer.self, from: Data(answer.compact)) == readAnswer)
  }

  @Test("each verb is read by its name, with nothing else in the line")
  func verbs() throws {
    for verb in ControlRequest.Verb.allCases {
      let line = "{\"verb\": \"\(verb.rawValue)\"}"
      #expect(try ControlRequest(line: Array(line.utf8)) == ControlRequest(verb))
    }
  }

  @Test(
    "a line that is no request says where and why",
    arguments: [
      ("", "line 1, column 1: expected a value"), ("5", ".: expected an object, found 5"),
      ("{}", ".verb: the key is missing"),
      (#"{"verb":"nope"}"#, #".verb: "nope" is not known here"#),
      (#"{"verb":"events","limit":"x"}"#, ".limit: expected a whole number"),
      (#"{"verb":"events","limit":9223372036854775808}"#, ".limit: expected a whole number"),
      (#"{"verb":"status","verb":"restart"}"#, ".verb: the key is given twice"),
      (#"{"verb":"status"} {"verb":"restart"}"#, "line 1, column 19: expected nothing after"),
      (#"{"verb":"wan lease","lease":{"ip":7}}"#, ".lease.ip: expected a string, found 7"),
      (#"{"verb":"status","wan":{"mode":"dhcp"}}"#, ".wan.dns: the key is missing"),
    ])
  func refused(line: String, words: String) {
    #expect {
      _ = try ControlRequest(line: Array(line.utf8))
    } throws: { "\($0)".hasPrefix(words) }
  }

  @Test(
    "lines that somebody spoilt are errors or lines, never a trap, and mean what Foundation read")
  func spoilt() throws {
    var numbers = SplitMix(state: 5)
    var (taken, refused) = (0, 0)
    let samples = [try Sample.value(Sample.request), try Sample.value(Sample.answer)]
    for round in 0..<2_000 {
      var spoiler = Spoiler(numbers: numbers)
      let line = spoiler.spoil(samples[round % 2]).compact
      numbers = spoiler.numbers
      do {
        if round % 2 == 0 {
          let request = try ControlRequest(line: line)
          #expect(try JSONDecoder().decode(ControlRequest.self, from: Data(line)) == request)
        } else {
          let answer = try ControlAnswer(line: line)
          #expect(try JSONDecoder().decode(ControlAnswer.self, from: Data(line)) == answer)
        }
        taken += 1
      } catch { refused += 1 }
    }
    #expect(taken > 100 && refused > 500, "\(taken) taken, \(refused) refused")
  }

  @Test("an answer may be larger than a request: a document indented and quoted")
  func large() throws {
    var answer = ControlAnswer(done: true, "")
    answer.document = String(repeating: "      1,\n", count: 600_000)
    let line = try answer.line
    #expect(line.count > JSONParser.Limits.textBytes)
    #expect(try ControlAnswer(line: line) == answer)
    #expect(throws: JSONSyntaxError.self) { try ControlRequest(line: line) }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Puts one wrong thing somewhere into a value.
private struct Spoiler {
  var numbers: SplitMix

  mutating func spoil(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(var elements) where !elements.isEmpty && chance(6):
      let index = Int.random(in: elements.indices, using: &numbers)
      elements[index] = spoil(elements[index])
      return .array(elements)
    case .object(var members) where !members.isEmpty && chance(8):
      let index = Int.random(in: members.indices, using: &numbers)
      switch Int.random(in: 0..<10, using: &numbers) {
      case 0: members.remove(at: index)
      case 1: members.append(members[index])
      case 2: members[index].key += "x"
      default: members[index].value = spoil(members[index].value)
      }
      return .object(members)
    case .null, .bool, .number, .string, .array, .object: return replacement(of: value)
    }
  }

  private mutating func chance(_ inTen: Int) -> Bool {
    Int.random(in: 0..<10, using: &numbers) < inTen
  }

  private mutating func replacement(of value: JSONValue) -> JSONValue {
    let others: [JSONValue] = [
      .null, .bool(false), .number("0"), .number("-1"), .number("1.5"), .number("1e999"),
      .number("18446744073709551616"), .number(String(repeating: "9", count: 400)), .string(""),
      .string("😀"), .array([]), .object([]), .array([value]), .object([.init("_0", value)]),
      (0..<20).reduce(value) { inner, _ in .array([inner]) },
    ]
    return others[Int.random(in: others.indices, using: &numbers)]
  }
}
