import HTTP
import HTTPClient
import JSON
import Linux
import Wire

extension Scenario {
  /// Who becomes primary.
  static let order = [
    Scenario(
      name: "activate-order",
      summary:
        "the one activated first is primary; at the same time, exactly one is (100 with --full)"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      try secondFirst(stage, place, admin)
      for round in 1...2 { try together(stage, place, admin, round) }
      try race(stage, admin, tries: stage.isFull ? 100 : 5)
    }
  ]

  /// Gateway 2 of the form is activated first, on box B.
  private static func secondFirst(
    _ stage: Stage, _ place: ActivationWorld, _ admin: PortalAdmin
  ) throws {
    let site = try admin.addSite(SiteShape("order"))
    for node in [Node.b, .a] {
      try place.boot(node)
      try place.activate(node, site.gateways[node == .a ? 0 : 1])
      if node == .b { try admin.waitForState(site, 1, "Active", detail: "waiting") }
    }
    try admin.waitForStates(site, ["Standby", "Active"])
    let nodes = try Node.allCases.map { try place.document($0)["ha"]["node"].text ?? "-" }
    stage.tell("gateway 2 first: A is \(nodes[0]), B is \(nodes[1])")
    try stage.expect(nodes == ["secondary", "primary"], "B, activated first, is not primary")
  }

  /// Both boxes get their codes at the same moment.
  private static func together(
    _ stage: Stage, _ place: ActivationWorld, _ admin: PortalAdmin, _ round: Int
  ) throws {
    let site = try admin.addSite(SiteShape("together-\(round)"))
    for node in Node.allCases {
      if try place.box(node).activationState() != "unactivated" { try place.reset(node) }
      try place.prepare(node)
    }
    for (node, gateway) in zip(Node.allCases, site.gateways) {
      let answer = try place.box(node).ask("activate", ("code", .string(gateway.code)))
      try stage.expect(answer["done"].bool == true, "\(answer["text"].text ?? "")")
    }
    for node in Node.allCases { try place.box(node).waitUntilActivated() }
    let nodes = try Node.allCases.map { try place.document($0)["ha"]["node"].text ?? "-" }
    try place.world.waitForPair(active: nil, seconds: 60)
    stage.tell("both boxes at once, try \(round): A is \(nodes[0]), B is \(nodes[1])")
    try stage.expect(
      nodes.sorted() == ["primary", "secondary"], "not exactly one primary: \(nodes)")
  }

  /// Two enrolments of one site in flight at the same time, again and again.
  private static func race(_ stage: Stage, _ admin: PortalAdmin, tries: Int) throws {
    var firsts = [0, 0]
    for number in 1...tries {
      let site = try admin.addSite(SiteShape("race-\(number)"))
      let boxes = try (0..<2).map { try PaperBox(serial: "RACE-\(number)-\($0)") }
      let requests = try zip(boxes, site.gateways).map { try $0.enroll(Portal.url, code: $1.code) }
      let swapped = number % 2 == 0
      let answers = try admin.client.sendAll(swapped ? requests.reversed() : requests)
      var primaries: [Int] = []
      for (index, box) in boxes.enumerated() {
        let gateway = try PaperGateway(box, try answers[swapped ? 1 - index : index].get())
        let document = try JSON(parsing: admin.client.send(gateway.configuration(have: 0)).text)
        if document["document"]["ha"]["node"].text == "primary" { primaries.append(index) }
      }
      try stage.expect(primaries.count == 1, "try \(number): \(primaries.count) primaries")
      firsts[primaries[0]] += 1
    }
    stage.tell(
      "\(tries) races at the portal: one primary each, gateway 1 \(firsts[0]) times, "
        + "gateway 2 \(firsts[1]) times")
  }
}
