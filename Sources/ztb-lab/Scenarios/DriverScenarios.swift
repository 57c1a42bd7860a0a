import Glibc
import JSON
import Linux
import Wire

extension Scenario {
  /// The lab's own hands, so that a failure of theirs is not taken for one of the product.
  static let drivers = [
    Scenario(
      name: "lab-terminal",
      summary: "the lab's terminal types into a shell of a machine and reads what it prints"
    ) { stage in
      let world = try stage.makeEmptyWorld()
      let terminal = try stage.makeTerminal("lab-terminal") { try world.pause(milliseconds: 10) }
      let line = try Descriptor.open(terminal.path, O_RDWR | O_NOCTTY)
      let shell = try world.laptop.spawn(
        ["sh", "-c", "while read line; do printf '\\033[1mgot %s\\033[0m\\n' \"$line\"; done"],
        descriptors: [line.rawValue, line.rawValue, line.rawValue])
      try terminal.type("one")
      try terminal.expect("got one", seconds: 5)
      try terminal.type("two")
      let between = try terminal.expect("got two", seconds: 5)
      stage.tell("between the answers the shell printed \(between.count) characters")
      try stage.expect(!between.contains("\u{1b}"), "control sequences are left in the transcript")
      shell.signal(SIGKILL)
      // The gateway's end is opened by its own path: it must be the same device inside.
      let inside = try world.laptop.run(["sh", "-c", "echo from inside >\(terminal.path)"])
      try stage.expect(inside.isEmpty, inside)
      try terminal.expect("from inside", seconds: 5)
    },
    Scenario(
      name: "lab-internet",
      summary: "the lab's provider leases and resolves, its proxies tunnel, its firewall blocks"
    ) { stage in
      let world = try stage.makeEmptyWorld()
      let internet = try Internet(world)
      let laptop = try Laptop(world, stage.pictures)
      let seconds = try laptop.connect(to: Port.wan.bridge(.a))
      stage.tell("a lease from the provider after \(seconds.text(2)) s: \(try laptop.lease())")
      try stage.expect(try laptop.lease()["dns"] == "\(Plan.isp)", "the lease names no name server")
      let portal = try world.addGuest("portal", Plan.portal)
      try serve("ok", portal, Plan.portalPort)
      try internet.isp.useResolvers(Plan.publicResolvers)
      let url = "http://\(Plan.portalName):\(Plan.portalPort)/"
      func fetch(_ arguments: String...) throws -> String {
        let words = ["curl", "-sS", "-m", "2", "-p"] + arguments + [url]
        return try internet.isp.attempt(words).1
      }
      let open = "http://\(Plan.documentProxyName):\(Internet.openProxyPort)"
      let closed = "http://\(Plan.proxyName):\(Internet.closedProxyPort)"
      try stage.expect(try fetch("--noproxy", "*") == "ok", "the portal is not reached directly")
      try world.fabric.allowOnlyProxyToPortal(true)
      let direct = try fetch("--noproxy", "*")
      try stage.expect(direct.contains("timed out"), "direct egress is not blocked: \(direct)")
      let outcomes = [
        try fetch("-x", open), try fetch("-x", closed),
        try fetch("-x", closed, "-U", "\(Internet.user):\(Internet.password)"),
      ]
      stage.tell("open proxy, closed proxy without and with a password: \(outcomes)")
      try stage.expect(outcomes[0] == "ok" && outcomes[2] == "ok", "a proxy does not tunnel")
      try stage.expect(outcomes[1].contains("407"), "the closed proxy is open")
      try stage.expect(internet.proxyLog.contains("CONNECT"), "the proxy's log names no CONNECT")
      try world.fabric.allowOnlyProxyToPortal(false)
    },
    Scenario(
      name: "lab-browser",
      summary: "the lab's browser opens a page, fills a form, presses a button, takes a picture"
    ) { stage in
      let world = try stage.makeEmptyWorld()
      let laptop = try Laptop(world, stage.pictures)
      stage.onEnd { laptop.close() }
      let page = """
        <!doctype html><html lang=en><title>page</title>
        <meta name=viewport content="width=device-width"><link rel=icon href="data:,"><main>
        <h1>Page</h1><label for=n>Name</label><input id=n>
        <button style="padding:6px" onclick="document.querySelector('p').innerText='Hello, '+n.value">Greet</button>
        <p>nobody</p></main>
        """
      let flaws = """
        <input id=n><a href=/other></a><h4>Deep</h4><p style="color:#999">pale</p>
        <button style="outline:0;padding:0;font-size:8px" id=x>b</button><button id=y style="padding:0;font-size:8px">c</button><div style="width:500px">
        wide</div>
        """
      try serve(page, world.laptop, 8080)
      let began = MonotonicClock.now()
      let browser = try laptop.browser()
      stage.tell("Chromium started in \((MonotonicClock.now() - began).milliseconds.text()) ms")
      try browser.open("http://127.0.0.1:8080/#fragment")
      try stage.expect(try browser.address().hasSuffix("#fragment"), try browser.address())
      try browser.fill("#n", "box")
      try browser.press("Greet")
      try browser.expect("Hello, box", seconds: 5)
      try browser.setWidth(400)
      try stage.expect(try browser.evaluate("return innerWidth").int == 400, "not 400 wide")
      try browser.photograph("lab-browser")
      let clean = try Inspection.findings(browser)
      try stage.expect(clean.isEmpty, "a clean page is blamed: \(clean)")
      try browser.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])",
        .string(flaws))
      let found = try Inspection.findings(browser)
      stage.tell("a page with flaws: \(found.joined(separator: "; "))")
      for flaw in [
        "without label", "nothing says", "skips a level", "contrast", "cannot be seen",
        "an id twice",
        "wide on 400", "too small",
      ] {
        try stage.expect(found.contains { $0.contains(flaw) }, "the flaw “\(flaw)” is not found")
      }
    },
  ]

  /// Serves one page on a port of a machine.
  private static func serve(_ page: String, _ host: Host, _ port: Int) throws {
    try Programs.require(["nginx"])
    try host.write("/run/data/index.html", page, mode: 0o644)
    try host.write("/run/nginx.conf", RealPrograms.nginx(listen: "\(port)"))
    try host.start(["nginx", "-c", "/run/nginx.conf", "-e", "stderr"], log: "page")
  }
}
