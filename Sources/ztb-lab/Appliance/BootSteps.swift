import Linux

extension ApplianceStory {
  /// One machine that QEMU starts by itself: the figures, and the switch-off.
  static let direct = ApplianceStory(
    name: "direct", start: .direct,
    steps: [
      Step(
        name: "boot-direct", summary: "kernel loaded by QEMU: seconds to READY (aim 10), memory",
        isFoundation: true
      ) { scene in
        try scene.stage.expectModest(try scene.boot(.a), "direct, aim 10 s")
        try scene.place.installer(.a).showMenu()
      },
      Step(name: "power-off", summary: "9 at the console ends the machine") { scene in
        try scene.place.installer(.a).showMenu()
        try scene.terminal(.a).type("9")
        try scene.terminal(.a).expect("Power off now?", seconds: 15)
        try scene.terminal(.a).type("y")
        let machine = try scene.machine(.a)
        try scene.world.wait("the machine to be off", seconds: 60) { machine.hasEnded }
      },
    ])

  /// The first steps of the pair.
  static let bootSteps = [
    Step(
      name: "boot-pair", summary: "both nodes by UEFI to the menu on the serial line",
      isFoundation: true
    ) { scene in
      for node in Node.allCases {
        try scene.stage.expectModest(try scene.boot(node), "\(node.name), UEFI, aim 16 s")
        try scene.place.installer(node).showMenu()
        try scene.stage.expect(
          scene.terminal(node).transcript.contains(Appliance.serial(node)),
          "\(node.name) does not show its serial number")
      }
    },
    Step(
      name: "activate-pair",
      summary:
        "node 1 by code at the console, node 2 by URL in Chromium; Active and Standby, in sync",
      isFoundation: true
    ) { scene in
      try Programs.require(Browser.programs)
      let site = try scene.addSite(isPair: true)
      try scene.activateByCode(.a, site.gateways[0])
      try scene.admin().waitForState(site, 0, "Active", detail: "waiting for gateway 2")
      try scene.activateByLink(.b, site.gateways[1])
      // Either: emulated machines stall when a browser and the start of a node share their processors.
      let active = try scene.waitForPair()
      scene.stage.tell("\(active.name) is active, \(active.peer.name) is standby and in sync")
    },
  ]
}

extension Stage {
  /// Tells the figures of a start; the memory has a limit.
  func expectModest(_ readiness: Readiness, _ what: String) throws {
    tell(
      "\(what): ready \(readiness.seconds.text(1)) s after power on (\(readiness.ownSeconds.text(1))"
        + " s after the kernel), \(readiness.mebibytes.text()) MiB in use")
    try expect(
      readiness.mebibytes <= 128, "\(readiness.mebibytes.text()) MiB are in use; the limit is 128")
  }
}

extension ApplianceScene {
  /// Follows the customer's document at the serial line.
  func activateByCode(_ node: Node, _ gateway: PortalGateway) throws {
    let installer = place.installer(node)
    try installer.showMenu()
    try installer.configureNetwork()
    let began = MonotonicClock.now()
    try installer.activate(code: gateway.code, name: gateway.name, seconds: 180)
    stage.tell("\(node.name): activated \(Scenario.seconds(since: began)) s after its code")
  }

  /// Opens the link on the laptop at the node's management port.
  func activateByLink(_ node: Node, _ gateway: PortalGateway) throws {
    try place.laptop.connect(to: node, seconds: 40)
    let browser = try place.laptop.browser()
    let began = MonotonicClock.now()
    try browser.open(gateway.link)
    try browser.expect("Activate", seconds: 40)
    try browser.press("Activate")
    try browser.expect("Activation is completed", seconds: 180)
    stage.tell("\(node.name): activated \(Scenario.seconds(since: began)) s after its link")
    place.laptop.close()
  }
}
