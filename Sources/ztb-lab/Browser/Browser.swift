import Glibc
import HTTP
import JSON
import Linux
import Wire

/// A headless Chromium in a machine of the world, driven over W3C WebDriver.
final class Browser {
  /// What must be installed.
  static let programs = ["chromium", "chromedriver"]
  private static let port: UInt16 = 9515

  private let host: Host
  private let pictures: Pictures
  private let wire: PlainHTTP
  private let driver: ChildProcess
  private var session = ""
  /// Lets time pass for everything else while we wait.
  private let idle: () throws -> Void

  /// Starts the driver and a browser without history. It believes what the portal's certificate
  /// says where `trustsPortal`; names of the world are known to it.
  init(
    _ host: Host, _ pictures: Pictures, trustsPortal: Bool, idle: @escaping () throws -> Void
  ) throws {
    try Programs.require(Browser.programs)
    self.host = host
    self.pictures = pictures
    self.idle = idle
    wire = PlainHTTP(
      host: host, target: Endpoint(IPv4Address(127, 0, 0, 1), Browser.port), idle: idle)
    driver = try host.start(
      ["chromedriver", "--port=\(Browser.port)", "--log-level=WARNING"], log: "chromedriver",
      environment: ["HOME=/run/browser", "TMPDIR=/run"])
    let end = MonotonicClock.now() + .seconds(20)
    while try isStarting() {
      guard MonotonicClock.now() < end else { throw LabError.timeout("chromedriver to start") }
      try idle()
    }
    let capabilities = JSONValue.of(
      (
        "alwaysMatch",
        .of(
          ("browserName", .string("chrome")), ("acceptInsecureCerts", .bool(trustsPortal)),
          (
            "goog:chromeOptions",
            .of(
              ("binary", .string(try Programs.path("chromium"))),
              ("args", .array(Browser.arguments.map { .string($0) })))
          ), ("goog:loggingPrefs", .of(("browser", .string("SEVERE"))))
        )
      ))
    let answer = try call("POST", "/session", .of(("capabilities", capabilities)))
    guard let name = answer["sessionId"].text else {
      throw LabError.failed("chromedriver starts no session")
    }
    session = name
  }

  private static let arguments = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars", "--password-store=basic",
    "--user-data-dir=/run/browser", "--window-size=1280,900",
    "--host-resolver-rules=MAP \(Plan.portalName) \(Plan.portal)",
  ]

  private func isStarting() throws -> Bool {
    do {
      return try wire.exchange("GET", "/status", seconds: 5).status != 200
    } catch let error as SystemError where error.code == ECONNREFUSED { return true }
  }

  /// Ends browser and driver.
  func close() {
    _ = try? call("DELETE", "/session/\(session)")  // it may be gone already
    driver.signal(SIGKILL)
    _ = driver.wait(milliseconds: 2000)
  }

  /// Loads an address and waits for the page.
  func open(_ url: String) throws { _ = try session("/url", .of(("url", .string(url)))) }

  /// What the address line shows.
  func address() throws -> String { try session("/url").text ?? "" }

  /// The result of a script (the body of a function; `arguments` as in JavaScript).
  @discardableResult
  func evaluate(_ script: String, _ arguments: JSONValue...) throws -> JSON {
    try session(
      "/execute/sync", .of(("script", .string(script)), ("args", .array(arguments))))
  }

  /// What a person reads on the page.
  func text() throws -> String { try evaluate("return document.body.innerText").text ?? "" }

  /// Waits until the page shows `text`.
  func expect(_ text: String, seconds: Int) throws {
    let end = MonotonicClock.now() + .seconds(seconds)
    while true {
      let shown = try self.text()
      if shown.contains(text) { return }
      guard MonotonicClock.now() < end else {
        try photograph("failure")
        throw LabError.timeout(
          "“\(text)” on \(try address()) within \(seconds) s; it shows:\n\(shown.prefix(1_500))")
      }
      for _ in 0..<5 { try idle() }
    }
  }

  /// Clicks what the selector finds first, as a person with a mouse does.
  func click(_ selector: String) throws {
    _ = try session("/element/\(try element(selector))/click", .of())
  }

  /// Clicks the button or link that is labelled `label`.
  func press(_ label: String) throws {
    let path =
      "//*[self::button or self::a or self::summary or self::input]"
      + "[normalize-space(.)='\(label)' or @value='\(label)' or @aria-label='\(label)']"
    _ = try session("/element/\(try element(path, using: "xpath"))/click", .of())
  }

  /// Empties a field and types into it.
  func fill(_ selector: String, _ text: String) throws {
    let found = try element(selector)
    _ = try session("/element/\(found)/clear", .of())
    _ = try session("/element/\(found)/value", .of(("text", .string(text))))
  }

  /// The elements' text, or the value of fields.
  func texts(_ selector: String) throws -> [String] {
    try evaluate(
      "return [...document.querySelectorAll(arguments[0])].map(e => e.value ?? e.innerText)",
      .string(selector)
    ).array.compactMap(\.text)
  }

  /// Presses the Tab key.
  func pressTab(times: Int) throws {
    let strokes: [JSONValue] = (0..<times).flatMap { _ in
      ["keyDown", "keyUp"].map { .of(("type", .string($0)), ("value", .string("\u{e004}"))) }
    }
    let keyboard = JSONValue.of(
      ("type", .string("key")), ("id", .string("keys")), ("actions", .array(strokes)))
    _ = try session("/actions", .of(("actions", .array([keyboard]))))
  }

  /// What the browser itself has complained about since the last call: errors of scripts, what the
  /// page's own security policy blocked, missing files. The status of the page itself is no
  /// complaint: a page that refuses something has one of its own.
  func complaints() throws -> [String] {
    let own = try address()
    return try session("/se/log", .of(("type", .string("browser")))).array.compactMap { entry in
      guard entry["level"].text == "SEVERE", let message = entry["message"].text,
        !message.hasPrefix("\(own) - Failed to load resource")
      else { return nil }
      return message
    }
  }

  /// A command of the Chrome DevTools Protocol.
  @discardableResult
  func develop(_ command: String, _ parameters: JSONValue = .of()) throws -> JSON {
    try session("/goog/cdp/execute", .of(("cmd", .string(command)), ("params", parameters)))
  }

  /// Lays pages out for a screen of this width from now on.
  func setWidth(_ width: Int) throws {
    try develop(
      "Emulation.setDeviceMetricsOverride",
      .of(
        ("width", .integer(width)), ("height", .integer(900)),
        ("deviceScaleFactor", .integer(1)), ("mobile", .bool(false))))
  }

  /// Writes a picture of the whole page, where pictures are wanted.
  func photograph(_ name: String) throws {
    guard pictures.areWanted else { return }
    let answer = try develop(
      "Page.captureScreenshot", .of(("captureBeyondViewport", .bool(true))))
    guard let data = answer["data"].text, let octets = Base64.decode(data) else {
      throw LabError.failed("the browser makes no picture")
    }
    try pictures.write("\(name).png", octets)
  }

  private func element(_ selector: String, using kind: String = "css selector") throws -> String {
    let answer = try session(
      "/element", .of(("using", .string(kind)), ("value", .string(selector))))
    guard let key = answer.keys.first, let name = answer[key].text else {
      throw LabError.failed("the page has no \(selector)")
    }
    return name
  }

  private func session(_ path: String, _ body: JSONValue? = nil) throws -> JSON {
    try call(body == nil ? "GET" : "POST", "/session/\(session)\(path)", body)
  }

  private func call(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> JSON {
    let answer: HTTPResponse
    do {
      answer = try wire.exchange(
        method, path, headers: [HTTPField("Content-Type", "application/json")],
        body: body?.canonical ?? [], seconds: 60)
    } catch LabError.timeout {
      let what = String(decoding: (body?.canonical ?? []).prefix(200), as: UTF8.self)
      throw LabError.timeout("the browser to answer \(method) \(path) \(what)")
    }
    let value = try JSON(parsing: answer.text)["value"]
    guard answer.status == 200 else {
      throw LabError.failed("browser: \(value["message"].text ?? answer.text)")
    }
    return value
  }
}

/// The directory that pictures and transcripts are written to, where somebody wants them.
struct Pictures {
  /// Nil: nobody wants them.
  let directory: String?

  var areWanted: Bool { directory != nil }

  /// Writes one file; its directory is made where it is missing.
  func write(_ name: String, _ octets: [UInt8]) throws {
    guard let directory else { return }
    if unsafe mkdir(directory, 0o755) != 0, errno != EEXIST {
      throw SystemError(call: "mkdir", code: errno, subject: directory)
    }
    try Files.replace("\(directory)/\(name)", with: octets, mode: 0o644)
  }
}
