import HTTP
import Messages
import Testing
import Wire

@testable import NetRoles

@Suite struct GateTests {
  @Test("every other host leads to the page until the activation is completed, then nowhere")
  func captive() {
    let world = SiteWorld()
    for host in ["www.example.com", "192.168.0.1.evil.example", "evil.example:80", "", nil] {
      let answer = world.get("/x", host: host)
      #expect(answer.status == 302 && answer.header("Location") == "http://192.168.0.1/")
      #expect(answer.header("Cache-Control") == "no-store")
    }
    for path in ["/generate_204", "/hotspot-detect.html", "/connecttest.txt", "/success.txt"] {
      #expect(world.get(path, host: "captive.apple.com").status == 302)
      #expect(world.get(path).status == 302)
    }
    world.picture = Samples.completed()
    world.now = world.now + .seconds(3)
    #expect(world.get("/generate_204", host: "connectivitycheck.gstatic.com").status == 404)
    #expect(world.get("/generate_204").status == 404)
    #expect(world.get("/", host: "192.168.0.1:80").status == 200)
  }

  @Test("a form for another host is refused with 400, and reaches nobody")
  func hostOfForms() throws {
    let world = SiteWorld()
    for host in ["evil.example", "192.168.0.1.evil.example", "192.168.0.2", nil] {
      let answer = world.post(
        "/activate", ["link": try Samples.link()], headers: ["Host": host])
      #expect(answer.status == 400)
    }
    #expect(world.asked.isEmpty)
  }

  @Test("a form of another origin, or of none, is refused with 403")
  func origin() throws {
    let world = SiteWorld()
    let link = try Samples.link()
    let wrong: [[String: String?]] = [
      ["Origin": "http://evil.example"], ["Origin": "null"], ["Origin": nil],
      ["Origin": "https://192.168.0.1"], ["Origin": "http://192.168.0.1.evil.example"],
      ["Origin": "http://192.168.0.1:8080"], ["Sec-Fetch-Site": "cross-site"],
      ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"],
    ]
    for headers in wrong {
      #expect(world.post("/activate", ["link": link], headers: headers).status == 403)
    }
    #expect(world.asked.isEmpty)
    let right = world.post(
      "/activate", ["link": link], headers: ["Sec-Fetch-Site": "same-origin"])
    #expect(right.status == 303 && world.asked.count == 1)
  }

  @Test("other methods are refused, and say what is served")
  func methods() {
    for method in ["OPTIONS", "PUT", "DELETE", "CONNECT", "TRACE", "post"] {
      let answer = SiteWorld().answer(
        HTTPRequest(method: method, path: "/", headers: [HTTPField("Host", "192.168.0.1")]))
      #expect(answer.status == 405 && answer.header("Allow") == "GET, HEAD, POST")
    }
  }

  @Test("every answer carries the fields that protect the page, and none allows other origins")
  func headers() {
    let world = SiteWorld()
    let answers = [
      world.get("/"), world.get("/page.css"), world.get("/x", host: "a.example"),
      world.get("/wpad.dat"), world.get("/nowhere"), world.post("/check", [:]),
      world.post("/check", [:], headers: ["Host": "a.example"]),
    ]
    for answer in answers {
      let policy = answer.header("Content-Security-Policy") ?? ""
      #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
      #expect(!policy.contains("unsafe") && !policy.contains("data:"))
      #expect(answer.header("X-Content-Type-Options") == "nosniff")
      #expect(answer.header("Referrer-Policy") == "same-origin")
      #expect(answer.header("Cache-Control") == "no-store")
      #expect(answer.header("Strict-Transport-Security") == nil)
      #expect(!answer.headers.contains { $0.name.hasPrefix("Access-Control") })
      #expect(!answer.headers.contains { $0.name == "Set-Cookie" })
    }
  }

  @Test("web proxy discovery finds none, whatever the host")
  func discovery() {
    for host in ["192.168.0.1", "wpad"] {
      let answer = SiteWorld().get("/wpad.dat", host: host)
      #expect(answer.status == 200 && answer.text.contains("return \"DIRECT\""))
      #expect(answer.header("Content-Type") == "application/x-ns-proxy-autoconfig")
    }
  }
}

@Suite struct ActivationSiteTests {
  @Test("paste, look, activate: the supervisor gets the link once, and the page goes to progress")
  func wholeWay() throws {
    let world = SiteWorld()
    let link = try Samples.link()
    #expect(world.get("/").text.contains("Paste the whole link"))
    let summary = world.post("/check", ["link": link])
    #expect(summary.status == 200)
    for words in [
      "paris-gw-01", "zt400", "GE3, fixed address", "203.0.113.2/24", "203.0.113.254", "30",
      "1.1.1.1, 8.8.8.8", "proxy.example:3128", "portal.example:8443", "2026-11-18",
      "2026-12-02", ">Activate</button>",
    ] { #expect(summary.text.contains(words), "\(words)") }
    #expect(world.asked.isEmpty, "nothing is done before Activate")
    let answer = world.post("/activate", ["link": link])
    #expect(answer.status == 303 && answer.header("Location") == "/progress")
    #expect(world.asked.map(\.verb) == [.activate])
    #expect(world.asked.first?.link.map { link.hasSuffix("#" + $0) } == true)
  }

  @Test("the link stands in forms only: in no address, and not where it was refused")
  func nowhereElse() throws {
    let world = SiteWorld()
    let link = try Samples.link()
    let secret = String(link.suffix(40))
    #expect(!world.post("/activate", ["link": link]).headers.contains { $0.value.contains(secret) })
    world.verdict = ControlAnswer(done: false, "This link was already used.")
    for path in ["/check", "/activate"] {
      let answer = world.post(path, ["link": String(link.dropLast()) + "A"])
      #expect(answer.status == 400 && !answer.text.contains(secret.dropLast()))
    }
    #expect(!world.post("/activate", ["link": link]).text.contains(secret))
    let summary = world.post("/check", ["link": link]).text
    #expect(summary.split(separator: secret).count == 2)
    #expect(!summary.contains("AB12CD34EF56GH78"), "the code is never shown")
    #expect(world.get("/activate", query: [HTTPField("link", link)]).text.contains(secret) == false)
  }

  @Test(
    "refusals are shown in their own words",
    arguments: [
      "This link has expired.", "This link was already used.",
      "This link was replaced by a newer one.", "This appliance is already activated.",
    ])
  func refusals(sentence: String) throws {
    let world = SiteWorld()
    world.verdict = ControlAnswer(done: false, sentence)
    let answer = world.post("/activate", ["link": try Samples.link()])
    #expect(answer.status == 409 && answer.text.contains("role=\"alert\"><p>\(sentence)</p>"))
    // The same, when it is the portal that says so, later.
    world.picture = Samples.inProgress(
      Samples.steps(done: 5, next: .failed, cause: sentence), failure: [sentence],
      remedy: "Ask for a new link.")
    let page = world.get("/progress").text
    #expect(page.contains("<p>\(sentence)</p>") && page.contains("Ask for a new link."))
    #expect(!page.contains(">Retry<"))
  }

  @Test("damaged links and links for another model never reach the supervisor")
  func refusedHere() throws {
    let world = SiteWorld()
    let cases = [
      ("", "This link is damaged; copy it again."),
      ("hello", "This link is damaged; copy it again."),
      (try Samples.link(platform: "zt600"), "This link is for a zt600; this is a zt400."),
    ]
    for path in ["/check", "/activate"] {
      for (link, sentence) in cases {
        world.now = world.now + .seconds(700)
        let answer = world.post(path, ["link": link])
        #expect([400, 409].contains(answer.status) && answer.text.contains(sentence))
      }
    }
    #expect(world.asked.isEmpty)
  }

  @Test("an activated appliance refuses every link and every setting")
  func activated() throws {
    let world = SiteWorld()
    world.picture = Samples.completed()
    let link = try Samples.link()
    for path in ["/check", "/activate"] {
      let answer = world.post(path, ["link": link])
      #expect(answer.status == 409)
      #expect(answer.text.contains("This appliance is already activated."))
    }
    for path in ["/settings/network", "/settings/proxy"] {
      #expect(world.post(path, ["mode": "dhcp", "place": ""]).status == 409)
    }
    #expect(world.asked.isEmpty)
    #expect(!world.get("/settings").text.contains("<form"))
    for path in ["/", "/activate", "/link", "/progress"] {
      #expect(world.get(path).text.contains("<h1>Activation is completed</h1>"))
    }
  }

  @Test("a form without our token is refused, whatever else is right")
  func token() throws {
    let world = SiteWorld()
    let old = world.token
    for token in ["", "0", old.uppercased() + "x"] {
      for path in ["/check", "/activate", "/retry", "/settings/network", "/settings/proxy"] {
        #expect(world.post(path, ["link": try Samples.link()], token: token).status == 403)
      }
    }
    world.now = world.now + .seconds(2 * 3_600)
    #expect(world.post("/activate", ["link": try Samples.link()], token: old).status == 403)
    #expect(world.asked.isEmpty)
  }

  @Test("after five refused links there is a pause, with 429 and its length")
  func pause() throws {
    let world = SiteWorld()
    for _ in 0..<5 { #expect(world.post("/check", ["link": "x"]).status == 400) }
    let link = try Samples.link()
    for path in ["/check", "/activate"] {
      let answer = world.post(path, ["link": link])
      #expect(answer.status == 429 && answer.header("Retry-After") == "30")
    }
    world.now = world.now + .seconds(30)
    #expect(world.post("/activate", ["link": link]).status == 303)
    #expect(world.asked.count == 1)
  }

  @Test("the nine steps are shown with state, cause, remedy and Retry")
  func progress() {
    let world = SiteWorld()
    world.picture = Samples.inProgress(Samples.steps(done: 4))
    let running = world.get("/").text
    for name in [
      "Link read", "WAN up", "DNS", "Proxy", "Portal reached", "Code accepted",
      "Certificate issued", "Configuration applied", "Services running",
    ] { #expect(running.contains("<span class=\"name\">\(name)</span>"), "\(name)") }
    #expect(running.contains("step 5 of 9: Portal reached"))
    #expect(
      running.contains("<noscript><meta http-equiv=\"refresh\"") && !running.contains("Retry"))
    world.picture = Samples.inProgress(
      Samples.steps(done: 2, next: .failed, cause: "1.1.1.1 does not answer"),
      failure: ["No name server answers."], remedy: "Check the DNS servers.", canRetry: true)
    let failed = world.get("/progress").text
    #expect(
      failed.contains("1.1.1.1 does not answer") && failed.contains("No name server answers."))
    #expect(failed.contains("Check the DNS servers.") && failed.contains(">Retry</button>"))
    #expect(world.post("/retry", [:]).header("Location") == "/progress")
    #expect(world.asked.map(\.verb) == [.activateRetry])
    world.verdict = ControlAnswer(done: false, "no activation has failed")
    #expect(world.post("/retry", [:]).status == 409)
  }

  @Test("a link for an activation that is under way leads to its progress")
  func second() throws {
    let world = SiteWorld()
    world.picture = Samples.inProgress(Samples.steps(done: 4))
    #expect(world.post("/activate", ["link": try Samples.link()]).status == 303)
    #expect(world.asked.isEmpty)
    #expect(world.get("/link").text.contains("Activation is under way"))
  }

  @Test("the end says exactly Activation is completed, with name and state")
  func end() {
    let world = SiteWorld()
    world.picture = Samples.completed(state: "standby")
    let page = world.get("/progress").text
    #expect(page.contains("<h1>Activation is completed</h1>"))
    #expect(page.contains("<dd>paris-gw-01</dd>") && page.contains("<dd>Standby</dd>"))
  }

  @Test("a silent supervisor is told as such, and the page comes back by itself")
  func silent() throws {
    let world = SiteWorld()
    world.picture = nil
    for answer in [world.get("/"), world.post("/activate", ["link": try Samples.link()])] {
      #expect(answer.status == 503 && answer.text.contains("One moment"))
      #expect(answer.text.contains("<noscript><meta http-equiv=\"refresh\""))
    }
    world.picture = Samples.overview()
    world.verdict = nil
    #expect(world.post("/activate", ["link": try Samples.link()]).status == 503)
    #expect(world.get("/elsewhere").status == 404)
  }
}
