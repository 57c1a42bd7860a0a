import FoundationEssentials
import PortalPages
import Testing

@Suite("Pictures")
struct RenderingTests {
  /// For the eyes: `ZTB_PAGES=DIRECTORY swift test --filter RenderingTests` leaves every sample
  /// page there, with the style sheet and the script, to be opened in a browser.
  @Test(
    "every sample page can be written to files",
    .enabled(if: ProcessInfo.processInfo.environment["ZTB_PAGES"] != nil))
  func writeFiles() throws {
    let directory = try #require(ProcessInfo.processInfo.environment["ZTB_PAGES"])
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: directory + "/" + name))
    }
    try write("style.css", Stylesheet.text)
    try write("live.js", LiveScript.text)
    for page in Samples(isHostile: false).pages {
      let html = page.html.replacing("\"/style.css\"", with: "\"style.css\"")
        .replacing("\"/live.js\"", with: "\"live.js\"")
      try write(page.name + ".html", html)
    }
  }
}
