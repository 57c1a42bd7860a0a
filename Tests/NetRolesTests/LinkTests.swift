import Activation
import Crypto
import HTTP
import Messages
import Testing
import Wire

@testable import NetRoles

@Suite struct LinkTests {
  private static func refusal(_ text: String, profile: String = "zt400") -> String? {
    do throws(LinkRefusal) {
      _ = try LinkCheck.read(text, profile: profile)
      return nil
    } catch { return error.sentence }
  }

  @Test("a link is taken whole, as its fragment, from ZTB1 on, and broken into lines")
  func forms() throws {
    let link = try Samples.link()
    let fragment = String(link.drop { $0 != "#" })
    let lines = stride(from: 0, to: link.count, by: 60)
      .map { String(link.dropFirst($0).prefix(60)) }.joined(separator: "\r\n  ")
    for text in [link, fragment, String(fragment.dropFirst()), " \(link)\n", lines] {
      #expect(Self.refusal(text) == nil, "\(text)")
    }
    let signed = try LinkCheck.read(link, profile: "zt400")
    #expect(signed.link.gateway == "paris-gw-01" && link.hasSuffix("#" + signed.text))
  }

  @Test("a link with any one character changed, left out, doubled or added is refused")
  func tampering() throws {
    let link = try Samples.link()
    let letters = Array(link)
    for index in letters.indices {
      for replacement in ["A", "b", "_", "."]
      where replacement != String(letters[index]) {
        var changed = letters
        changed[index] = Character(replacement)
        #expect(Self.refusal(String(changed)) != nil, "\(index) \(replacement)")
      }
      var shorter = letters
      shorter.remove(at: index)
      #expect(Self.refusal(String(shorter)) != nil, "\(index) left out")
      var longer = letters
      longer.insert(letters[index], at: index)
      #expect(Self.refusal(String(longer)) != nil, "\(index) doubled")
    }
    for length in 0..<letters.count {
      #expect(Self.refusal(String(letters.prefix(length))) == LinkRefusal.damaged.sentence)
    }
    #expect(Self.refusal(link + "A") == "This link is damaged; copy it again.")
    #expect(Self.refusal(String(repeating: "A", count: 100_000)) != nil)
  }

  @Test("a link that somebody else signed over another payload is damaged")
  func forged() throws {
    let one = try Samples.link()
    let other = try Samples.link(platform: "zt600")
    let payload = one.split(separator: ".").dropLast().joined(separator: ".")
    let signature = try #require(other.split(separator: ".").last)
    #expect(Self.refusal("\(payload).\(signature)") == "This link is damaged; copy it again.")
  }

  @Test("another model is named, and so is a later version of links")
  func platform() throws {
    #expect(
      Self.refusal(try Samples.link(platform: "zt600"))
        == "This link is for a zt600; this is a zt400.")
    let later = try Samples.link().split(separator: "ZTB1").joined(separator: "ZTB2")
    #expect(
      Self.refusal(later) == "This link is of a newer version; update this appliance first.")
  }
}

@Suite struct ThrottleTests {
  @Test("five refused tries in a minute begin a pause that doubles, up to five minutes")
  func pauses() {
    var throttle = Throttle()
    var now = Instant.zero + .seconds(1_000)
    for _ in 0..<4 { throttle.tryRefused(at: now) }
    #expect(throttle.secondsLeft(at: now) == 0)
    throttle.tryRefused(at: now)
    for pause in [30, 60, 120, 240, 300, 300] {
      #expect(throttle.secondsLeft(at: now) == pause)
      now = now + .seconds(pause)
      #expect(throttle.secondsLeft(at: now) == 0)
      throttle.tryRefused(at: now)
    }
    now = now + .seconds(601)
    throttle.tryRefused(at: now)
    #expect(throttle.secondsLeft(at: now) == 0)
  }

  @Test("tries at a distance are counted for a minute only, and a success forgives")
  func slow() {
    var throttle = Throttle()
    var now = Instant.zero + .seconds(1_000)
    for _ in 0..<20 {
      throttle.tryRefused(at: now)
      now = now + .seconds(16)
    }
    #expect(throttle.secondsLeft(at: now) == 0)
    while throttle.secondsLeft(at: now) == 0 { throttle.tryRefused(at: now) }
    #expect(throttle.secondsLeft(at: now) == 30)
    throttle.trySucceeded()
    #expect(throttle.secondsLeft(at: now) == 0)
  }
}

@Suite struct FormTokenTests {
  @Test("a token is good for its client, this hour and the next, and no other")
  func good() {
    let tokens = FormToken(key: [1, 2, 3])
    func time(_ seconds: Int) -> Instant { Instant.zero + .seconds(seconds) }
    let token = tokens.make(client: "192.168.0.60", at: time(7_200))
    #expect(token.utf8.count == 32)
    func isGood(_ token: String?, _ seconds: Int, client: String = "192.168.0.60") -> Bool {
      tokens.accepts(token, client: client, at: time(seconds))
    }
    for seconds in [7_200, 10_799, 10_800, 14_399] { #expect(isGood(token, seconds)) }
    #expect(!isGood(token, 14_400) && !isGood(token, 3_600))
    #expect(!isGood(token, 7_200, client: "192.168.0.61"))
    for wrong in [nil, "", token + "0", String(token.dropLast())] { #expect(!isGood(wrong, 7_200)) }
    #expect(!FormToken(key: [4]).accepts(token, client: "192.168.0.60", at: time(7_200)))
  }
}

@Suite struct CalendarDayTests {
  @Test(
    "days are counted as everywhere",
    arguments: [
      (Int64(0), "1970-01-01"), (951_782_400, "2000-02-29"), (951_868_800, "2000-03-01"),
      (1_795_000_000, "2026-11-18"), (4_107_542_400, "2100-03-01"), (-5, "1970-01-01"),
      (Int64.max, "9999-12-31"),
    ])
  func day(seconds: Int64, text: String) {
    #expect(CalendarDay(seconds: seconds).description == text)
  }
}
