import Testing

@testable import Configuration

@Suite struct TimestampTests {
  @Test("RFC 3339 5.6: times in UTC and with an offset")
  func read() {
    #expect(Timestamp.seconds("1970-01-01T00:00:00Z") == 0)
    #expect(Timestamp.seconds("2026-11-28T18:00:00Z") == 1_795_888_800)
    #expect(Timestamp.seconds("2026-11-28T19:00:00+01:00") == 1_795_888_800)
    #expect(Timestamp.seconds("2026-11-28T12:30:00-05:30") == 1_795_888_800)
    #expect(Timestamp.seconds("2000-02-29T23:59:59Z") == 951_868_799)
    #expect(Timestamp.seconds("9999-12-31T23:59:59Z") == 253_402_300_799)
  }

  @Test("what is no time of the calendar is refused")
  func refused() {
    for text in [
      "", "now", "2026-11-28", "2026-11-28 18:00:00Z", "2026-11-28T18:00:00",
      "2026-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-11-28T24:00:00Z", "2026-11-28T18:60:00Z", "2026-12-31T23:59:60Z",
      "1969-12-31T23:59:59Z",
      "1970-01-01T00:00:00+00:01", "2026-11-28T18:00:00.5Z", "2026-11-28T18:00:00+1:00",
      "２026-11-28T18:00:00Z",
      "2026-11-28T18:00:00*01:00", "2026-11-28T18:00:00+24:00", "+026-11-28T18:00:00Z",
      "9999-12-31T23:59:59-01:00",
    ] {
      #expect(Timestamp.seconds(text) == nil, "\(text)")
    }
  }

  @Test("every time is written as it is read, for each day of eight thousand years")
  func roundTrip() {
    for day in stride(from: Int64(0), through: 2_932_896, by: 97) {
      let seconds = day * 86_400 + day % 86_400
      #expect(Timestamp.seconds(Timestamp.text(seconds)) == seconds)
    }
    #expect(Timestamp.text(951_868_799) == "2000-02-29T23:59:59Z")
    #expect(Timestamp.text(253_402_300_799) == "9999-12-31T23:59:59Z")
  }
}
