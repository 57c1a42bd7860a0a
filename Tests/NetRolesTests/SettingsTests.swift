import HTTP
import Messages
import Testing

@testable import NetRoles

@Suite struct SettingsTests {
  @Test("good network settings reach the supervisor as they were typed")
  func network() {
    let world = SiteWorld()
    let fixed = world.post(
      "/settings/network",
      [
        "mode": "static", "address": " 203.0.113.2/24 ", "gateway": "203.0.113.254", "vlan": "30",
        "dns1": "9.9.9.9", "dns2": "",
      ])
    #expect(fixed.status == 303 && fixed.header("Location") == "/settings?saved=network")
    #expect(
      world.asked.last?.wan
        == WANParameters(
          mode: "static", address: "203.0.113.2/24", gateway: "203.0.113.254", vlan: 30,
          dns: ["9.9.9.9"]))
    _ = world.post(
      "/settings/network",
      ["mode": "dhcp", "address": "rubbish", "gateway": "", "vlan": "", "dns1": "", "dns2": ""])
    #expect(
      world.asked.last?.wan
        == WANParameters(mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: []))
    let page = world.get("/settings", query: [HTTPField("saved", "network")]).text
    #expect(page.contains("The network settings are saved."))
    #expect(!world.get("/settings", query: [HTTPField("saved", "<b>")]).text.contains("<b>"))
  }

  @Test("a wrong field is named beside it, keeps what was typed, and reaches nobody")
  func wrongFields() {
    let world = SiteWorld()
    let good = [
      "mode": "static", "address": "203.0.113.2/24", "gateway": "203.0.113.254", "vlan": "",
      "dns1": "", "dns2": "",
    ]
    for (name, value) in [
      ("address", "203.0.113.2"), ("address", ""), ("gateway", ""), ("gateway", "10.0.0.1"),
      ("vlan", "0"), ("vlan", "4095"), ("vlan", "x"), ("dns1", "one.one"), ("dns2", "1.1.1"),
    ] {
      var form = good
      form[name] = value
      let answer = world.post("/settings/network", form)
      #expect(answer.status == 422)
      #expect(answer.text.contains("id=\"\(name)-error\""), "\(name) \(value)")
      #expect(answer.text.contains("aria-invalid=\"true\""))
      #expect(answer.text.contains("value=\"\(value)\""))
    }
    #expect(world.asked.isEmpty)
  }

  @Test("a proxy is set with user and password, removed when it is empty, and never shown whole")
  func proxy() {
    let world = SiteWorld()
    let form = ["place": "proxy.example:3128", "user": "branch", "password": "se cret"]
    #expect(world.post("/settings/proxy", form).header("Location") == "/settings?saved=proxy")
    #expect(
      world.asked.last?.proxy
        == ProxyParameters(
          host: "proxy.example", port: 3_128, user: "branch", password: "se cret"))
    _ = world.post("/settings/proxy", ["place": "", "user": "", "password": ""])
    #expect(world.asked.last?.verb == .proxyConfigure && world.asked.last?.proxy == nil)
    for place in ["proxy.example", "proxy.example:0", ":3128", "a:b:1", "x:65536"] {
      let answer = world.post("/settings/proxy", ["place": place, "password": "se cret"])
      #expect(answer.status == 422 && answer.text.contains("id=\"place-error\""))
      #expect(!answer.text.contains("se cret"))
    }
  }

  @Test("what the supervisor says against settings stands above the form")
  func refused() {
    let world = SiteWorld()
    world.verdict = ControlAnswer(done: false, "wan.address: is the broadcast address")
    let answer = world.post(
      "/settings/network",
      ["mode": "static", "address": "203.0.113.255/24", "gateway": "203.0.113.254"])
    #expect(answer.status == 409 && answer.text.contains("is the broadcast address"))
    #expect(answer.text.contains("value=\"203.0.113.255/24\""))
  }
}

@Suite struct EscapingTests {
  private static let hostile = "\"><script>alert('&')</script>"

  @Test("whatever comes from outside is text on every page, never markup")
  func escaped() {
    let world = SiteWorld()
    let hostile = Self.hostile
    func check(_ answer: HTTPResponse) {
      #expect(!answer.text.contains("<script>alert") && !answer.text.contains("\"><script"))
    }
    world.picture = Samples.overview { answer in
      answer.appliance?.serial = hostile
      answer.wan?.port = hostile
      answer.wan?.address = hostile
      answer.wan?.settings.dns = [hostile]
      answer.wan?.proxy = ProxyParameters(host: hostile, port: 1, user: hostile)
      answer.wan?.carrier = false
      answer.activation?.failure = [hostile]
      answer.activation?.remedy = hostile
    }
    world.verdict = ControlAnswer(done: false, hostile)
    check(world.get("/"))
    check(world.get("/settings"))
    check(world.get("/" + hostile))
    check(world.post("/check", ["link": hostile]))
    check(world.post("/retry", [:]))
    check(
      world.post(
        "/settings/network",
        ["mode": hostile, "address": hostile, "gateway": hostile, "vlan": hostile]))
    check(world.post("/settings/proxy", ["place": hostile, "user": hostile, "password": hostile]))
    world.picture = Samples.inProgress(
      Samples.steps(done: 3, next: .failed, cause: hostile), failure: [hostile], remedy: hostile,
      canRetry: true)
    world.picture?.activation?.gateway = hostile
    check(world.get("/progress"))
    world.picture?.activation?.state = .activated
    world.picture?.controller = ControllerStatus(
      url: hostile, connected: false, lastSeen: "", reason: hostile)
    check(world.get("/"))
  }

  @Test("no page has anything inline, and none is larger than 50 kB with style and script")
  func sizes() throws {
    let world = SiteWorld()
    let assets = world.get("/page.css").body.count + world.get("/page.js").body.count
    var pages = [world.get("/"), world.get("/settings"), world.get("/nowhere")]
    pages.append(world.post("/check", ["link": try Samples.link()]))
    world.picture = Samples.inProgress(
      Samples.steps(done: 3, next: .failed), failure: ["x"], canRetry: true)
    pages.append(world.get("/progress"))
    world.picture = Samples.completed()
    pages.append(world.get("/"))
    for page in pages {
      #expect(page.body.count + assets < 50_000)
      #expect(!page.text.contains("style=") && !page.text.contains("<style"))
      #expect(!page.text.contains("onclick") && !page.text.contains("<script>"))
      #expect(page.text.contains("<html lang=\"en\">") && page.text.contains("ZTB0A1B2C3D4"))
      #expect(page.text.contains("<h1>"))
    }
  }

  @Test("every input has a label")
  func labels() {
    let world = SiteWorld()
    for path in ["/", "/settings"] {
      let page = world.get(path).text
      for match in page.matches(of: /<(input|textarea) id="([a-z0-9]+)"/) {
        #expect(page.contains("<label for=\"\(match.2)\""))
      }
    }
  }
}
