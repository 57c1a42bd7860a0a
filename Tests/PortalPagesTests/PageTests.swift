import HTTP
import Testing

@testable import PortalPages

@Suite("Every page")
struct PageTests {
  static let friendly = Samples(isHostile: false).pages
  static let hostile = Samples(isHostile: true).pages
  static let all = friendly + hostile

  @Test("markup in a text that somebody typed stays text", arguments: hostile.map(\.name))
  func hostileTextStaysText(page: String) throws {
    let html = try #require(PageTests.hostile.first { $0.name == page }).html
    let friendly = try #require(PageTests.friendly.first { $0.name == page }).html
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img"))
    // The same elements in the same order: not one was added by a text.
    let plain = HTMLReader(friendly).elements.map(\.name)
    #expect(HTMLReader(html).elements.map(\.name) == plain)
    // The friendly page differs, so texts did get there (not on pages without any).
    if page != "login" { #expect(html.contains("&lt;script&gt;alert(1)")) }
  }

  @Test("the elements are closed in order and all values are quoted", arguments: all.map(\.html))
  func wellFormed(html: String) { #expect(HTMLReader(html).faults == []) }

  @Test("identifiers are unique", arguments: all.map(\.html))
  func uniqueIdentifiers(html: String) {
    let ids = HTMLReader(html).elements.compactMap { $0["id"] }
    let repeated = Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys
    #expect(Array(repeated) == [])
    #expect(!ids.contains { $0.isEmpty || $0.contains(" ") })
  }

  @Test("each control has a name for screen readers", arguments: all.map(\.html))
  func labelled(html: String) {
    let page = HTMLReader(html)
    let labels = Set(page.all("label").compactMap { $0["for"] })
    for control in page.all("input", "select", "textarea") where control["type"] != "hidden" {
      let id = control["id"] ?? ""
      #expect(labels.contains(id) || control.has("aria-label"), "\(control)")
    }
    let ids = Set(page.elements.compactMap { $0["id"] })
    #expect(labels.subtracting(ids) == [], "a label points nowhere")
    for element in page.elements {
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

  @Test("each form that changes something carries the token", arguments: all.map(\.html))
  func formsCarryTheToken(html: String) {
    let page = HTMLReader(html)
    for (index, form) in page.elements.enumerated() where form.name == "form" {
      let tokens = page.elements.filter { $0.parents.contains(index) && $0["name"] == "csrf" }
      #expect(tokens.count == (form["method"] == "post" ? 1 : 0))
      #expect(form["action"]?.hasPrefix("/") == true)
    }
  }

  @Test("there is no style or script inside, and nothing from elsewhere", arguments: all.map(\.html))
  func nothingInline(html: String) {
    for element in HTMLReader(html).elements {
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

  @Test("headings begin at one and leave no level out", arguments: all.map(\.html))
  func headingsAreInOrder(html: String) {
    var level = 0
    for heading in HTMLReader(html).all("h1", "h2", "h3", "h4") {
      let next = heading.name.last?.wholeNumberValue ?? 0
      #expect(next <= level + 1, "\(heading.name) after level \(level)")
      level = next
    }
    #expect(HTMLReader(html).all("h1").count == 1)
  }

  @Test("tables have a caption, and their headings a scope", arguments: all.map(\.html))
  func tables(html: String) {
    let page = HTMLReader(html)
    #expect(page.all("caption").count == page.all("table").count)
    for cell in page.all("th") { #expect(cell.has("scope")) }
  }

  @Test("buttons and links have words", arguments: all.map(\.html))
  func buttonsHaveWords(html: String) throws {
    for kind in ["button", "a"] {
      for part in html.split(separator: "<\(kind) ").dropFirst() {
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
