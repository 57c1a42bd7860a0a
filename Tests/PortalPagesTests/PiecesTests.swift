import Activation
import Glibc
import HTTP
import Testing

@testable import PortalPages

@Suite("Pieces of pages")
struct PagePiecesTests {
  @Test("a literal is markup, and what is interpolated into it is text")
  func escaping() {
    let typed = "<b>\"'&"
    let page: Markup = "<p title=\"\(typed)\">\(typed)\("lang", typed)\("hidden", if: false)</p>"
    let text = "&lt;b&gt;&quot;&#39;&amp;"
    #expect(page.html == "<p title=\"\(text)\">\(text) lang=\"\(text)\"</p>")
    #expect(("\(page)\(nil as Markup?)" as Markup) == page)
    // Two pieces joined as strings by mistake show their tags; they do not become elements.
    let mistake = "<i>" + typed
    #expect(("\(mistake)" as Markup).html == "&lt;i&gt;\(text)")
  }

  @Test(
    "dates are right over leap years and before 1970",
    arguments: [
      (0, "1 Jan 1970 00:00:00 UTC"), (951_782_399, "28 Feb 2000 23:59:59 UTC"),
      (951_782_400, "29 Feb 2000 00:00:00 UTC"), (1_709_251_199, "29 Feb 2024 23:59:59 UTC"),
      (4_107_542_400, "1 Mar 2100 00:00:00 UTC"), (-1, "31 Dec 1969 23:59:59 UTC"),
      (1_784_642_529, "21 Jul 2026 14:02:09 UTC"),
    ])
  func dates(seconds: Int64, text: String) {
    #expect(Moment(seconds: seconds).exact == text)
  }

  @Test("distances in time have one unit and a direction")
  func distances() {
    let now: Int64 = 1_784_642_529
    for (distance, text) in [
      (-3, "just now"), (-40, "40 s ago"), (-200, "3 min ago"), (-7_300, "2 h ago"),
      (-100_000, "1 day ago"), (13 * 86_400 + 5, "in 13 days"),
    ] { #expect(Moment(seconds: now + Int64(distance)).relative(to: now) == text) }
  }

  @Test("the view of a list survives its address")
  func siteQuery() {
    var query = SiteQuery()
    #expect(query.link == "/sites")
    query.search = "a&b=ü #"
    query.state = .postUpdate
    query.sort = .contact
    query.isDescending = true
    query.columns = [.name, .wan]
    query.page = 3
    let fields = URLCoding.fields(query.link.split(separator: "?")[1])
    #expect(SiteQuery(fields) == query)
    #expect(query.with(\.search, "x").page == 1)
    let bad = [
      HTTPField("sort", "no"), HTTPField("page", "-4"), HTTPField("state", "x"),
      HTTPField("column", "no"),
    ]
    #expect(SiteQuery(bad).sort == .name && SiteQuery(bad).page == 1)
    #expect(SiteQuery(bad).columns == [.name])
  }

  @Test("a press on a heading sorts up, a second one down, another column up again")
  func sorting() {
    let first = SiteQuery().sorted(by: .lan)
    #expect(first.sort == .lan && !first.isDescending)
    #expect(first.sorted(by: .lan).isDescending)
    #expect(!first.sorted(by: .lan).sorted(by: .wan).isDescending)
  }

  @Test("a QR code is drawn run by run, with four modules of quiet around it")
  func picture() {
    let rows = [
      [true, true, false, true], [false, false, false, false], [true, false, false, true],
    ]
    let html = QRPicture(modules: rows).markup(title: "x").html
    #expect(html.contains("d=\"M4 4.5h2m1 0h1M4 6.5h1m2 0h1\""))
    #expect(html.contains("viewBox=\"0 0 11 11\""))
  }
}

@Suite("Colours")
struct ColourTests {
  /// Text and what it stands on.
  static let pairs = [
    ("ink", "page"), ("ink", "card"), ("ink", "sunk"), ("ink", "hover"), ("quiet", "page"),
    ("quiet", "card"), ("quiet", "sunk"), ("quiet", "hover"), ("accent", "page"),
    ("accent", "card"), ("accent", "hover"), ("accent", "accent-soft"), ("on-accent", "accent"),
    ("on-accent", "accent-hover"), ("good", "good-soft"), ("info", "info-soft"),
    ("warn", "warn-soft"), ("bad", "bad-soft"), ("bad", "card"), ("card", "bad"),
    ("good", "card"), ("warn", "card"), ("info", "card"), ("ink", "good-soft"),
    ("ink", "info-soft"), ("ink", "warn-soft"), ("ink", "bad-soft"),
  ]

  @Test("WCAG 2.2 1.4.3: text has a contrast of 4.5 at least, light and dark", arguments: pairs)
  func text(text: String, ground: String) throws {
    for scheme in try ColourTests.schemes() {
      #expect(try ColourTests.contrast(scheme, text, ground) >= 4.5)
    }
  }

  @Test("WCAG 2.2 1.4.11: the edges of controls have a contrast of 3 at least")
  func edges() throws {
    for scheme in try ColourTests.schemes() {
      for ground in ["page", "card"] {
        #expect(try ColourTests.contrast(scheme, "edge", ground) >= 3)
        #expect(try ColourTests.contrast(scheme, "accent", ground) >= 3)
      }
    }
  }

  private static func schemes() throws -> [[String: [Double]]] {
    let parts = Stylesheet.colours.split(separator: "@media")
    try #require(parts.count == 2)
    return parts.map { part in
      var colours: [String: [Double]] = [:]
      for found in part.matches(of: /--([a-z-]+): #([0-9a-f]{6})/) {
        let value = UInt32(found.2, radix: 16) ?? 0
        colours[String(found.1)] = [16, 8, 0].map { Double(value >> $0 & 255) / 255 }
      }
      return colours
    }
  }

  private static func contrast(
    _ scheme: [String: [Double]], _ one: String, _ other: String
  ) throws -> Double {
    let lights = try [one, other].map { name -> Double in
      let parts = try #require(scheme[name]).map {
        $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    return ((lights.max() ?? 0) + 0.05) / ((lights.min() ?? 0) + 0.05)
  }
}
