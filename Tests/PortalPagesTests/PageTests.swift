import HTTP
import Testing

@testable import PortalPages

/// One sample page; tests show its name alone.
struct SamplePage: Sendable, CustomTestStringConvertible {
  let name: String
  let html: String
  let isHostile: Bool
  var testDescription: String { name + (isHostile ? ", hostile" : "") }

  static func all(isHostile: Bool) -> [SamplePage] {
    Samples(isHostile: isHostile).pages.map {
      SamplePage(name: $0.name, html: $0.html, isHostile: isHostile)
    }
  }
}

@Suite("Every page")
struct PageTests {
  static let friendly = SamplePage.all(isHostile: false)
  static let hostile = SamplePage.all(isHostile: true)
  static let all = friendly + hostile

  @Test("markup in a text that somebody typed stays text", arguments: hostile)
  func hostileTextStaysText(page: SamplePage) throws {
    let html = page.html
    let friendly = try #require(PageTests.friendly.first { $0.name == page.name }).html
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img"))
    // The same elements in the same order: not one was added by a text.
    let plain = HTMLReader(friendly).elements.map(\.name)
    #expect(HTMLReader(html).elements.map(\.name) == plain)
    // The friendly page differs, so texts did get there (not on pages without any).
    if page.name != "login" { #expect(html.contains("&lt;script&gt;alert(1)")) }
  }

  @Test("the elements are closed in order and all values are quoted", arguments: all)
  func wellFormed(page: SamplePage) { #expect(HTMLReader(page.html).faults == []) }

  @Test("identifiers are unique", arguments: all)
  func uniqueIdentifiers(page: SamplePage) {
    let ids = HTMLReader(page.html).elements.compactMap { $0["id"] }
    let repeated = Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys
    #expect(Array(repeated) == [])
    #expect(!ids.contains { $0.isEmpty || $0.contains(" ") })
  }

  @Test("each control has a name for screen readers", arguments: all)
  func labelled(page: SamplePage) {
    let document = HTMLReader(page.html)
    let labels = Set(document.all("label").compactMap { $0["for"] })
    for control in document.all("input", "select", "textarea") where control["type"] != "hidden" {
      let id = control["id"] ?? ""
      #expect(labels.contains(id) || control.has("aria-label"), "\(control)")
    }
    let ids = Set(document.elements.compactMap { $0["id"] })
    #expect(labels.subtracting(ids) == [], "a label points nowhere")
    for element in document.elements {
      for name in ["aria-describedby", "aria-labelledby", "data-copy"] {
        for id in element[name]?.split(separator: " ") ?? [] {
          #expect(ids.contains(String(id)), "\(name) points nowhere: \(id)")
        }
      }
      if let href = element["href"], href.hasPrefix("#") {
        #expect(ids.contains(String(href.dropFirst())), "\(href) leads nowhere")
      }
    }
  }

  @Test("each form that changes something carries the token", arguments: all)
  func formsCarryTheToken(page: SamplePage) {
    let document = HTMLReader(page.html)
    for (index, form) in document.elements.enumerated() where form.name == "form" {
      let tokens = document.elements.filter { $0.parents.contains(index) && $0["name"] == "csrf" }
      #expect(tokens.count == (form["method"] == "post" ? 1 : 0))
      #expect(form["action"]?.hasPrefix("/") == true)
    }
  }

  @Test("no style or script stands inside, and nothing is from elsewhere", arguments: all)
  func nothingInline(page: SamplePage) {
    for element in HTMLReader(page.html).elements {
      #expect(element.name != "style")
      if element.name == "script" { #expect(element["src"] == Paths.script) }
      for (name, value) in element.attributes {
        #expect(name != "style" && !name.hasPrefix("on"), "\(element)")
        if ["src", "href", "action"].contains(name) {
          let target = value ?? ""
          #expect(
            target.hasPrefix("/") && !target.hasPrefix("//") || target.hasPrefix("#")
              || target.hasPrefix("data:image/svg+xml"), "\(target)")
        }
      }
    }
  }

  @Test("headings begin at one and leave no level out", arguments: all)
  func headingsAreInOrder(page: SamplePage) {
    var level = 0
    for heading in HTMLReader(page.html).all("h1", "h2", "h3", "h4") {
      let next = heading.name.last?.wholeNumberValue ?? 0
      #expect(next <= level + 1, "\(heading.name) after level \(level)")
      level = next
    }
    #expect(HTMLReader(page.html).all("h1").count == 1)
  }

  @Test("tables have a caption, and their headings a scope", arguments: all)
  func tables(page: SamplePage) {
    let document = HTMLReader(page.html)
    #expect(document.all("caption").count == document.all("table").count)
    for cell in document.all("th") { #expect(cell.has("scope")) }
  }

  @Test("buttons and links have words", arguments: all)
  func buttonsHaveWords(page: SamplePage) throws {
    for kind in ["button", "a"] {
      for part in page.html.split(separator: "<\(kind) ").dropFirst() {
        let inside = part.drop { $0 != ">" }.dropFirst()
        let end = try #require(inside.range(of: "</\(kind)>"))
        let words = HTMLReader(String(inside[..<end.lowerBound])).text
        #expect(words.contains { $0.isLetter }, "\(part.prefix(120))")
      }
    }
  }
}

extension Substring {
  /// Where a text first stands.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
