import Linux
import Wire

extension Scenario {
  /// Boxes that nobody has activated.
  static let carton = [
    Scenario(
      name: "out-of-the-carton",
      summary:
        "an unactivated box leases an address to a laptop, and gets one on the WAN when told to"
    ) { stage in
      let place = try ActivationWorld(stage)
      for node in Node.allCases { try place.boot(node) }
      for node in Node.allCases {
        let seconds = try place.laptop.connect(to: node)
        let lease = try place.laptop.lease()
        stage.tell(
          "\(node.name): a lease after \(seconds.text(2)) s: \(lease["ip"] ?? "-"), router "
            + "\(lease["router"] ?? "-"), wpad \(lease["wpad"] ?? "-")")
        try stage.expect(seconds < 5, "the laptop waited \(seconds.text(1)) s for a lease")
        try stage.expect(
          lease["ip"]?.hasPrefix("192.168.0.") == true, "the lease is outside 192.168.0.0/24")
        let (status, output) = try place.laptop.host.attempt(
          ["ping", "-c", "1", "-W", "2", "\(Plan.management)"])
        try stage.expect(status == .exited(0), "the management port answers no ping: \(output)")
        // Nothing is said on the WAN before somebody has set it up.
        let before = try place.internet.leases()[node]
        try stage.expect(before == nil, "\(node.name) asked for \(before?.description ?? "")")
        try place.prepare(node)
        let address = try place.box(node).waitForWAN()
        let wan = try place.box(node).overview()["wan"]
        stage.tell(
          "\(node.name): WAN \(address) via \(wan["gateway"].text ?? "-"), names from "
            + wan["dns"].array.compactMap(\.text).joined(separator: " "))
        try stage.expect(
          try place.internet.leases()[node].map { address.hasPrefix("\($0)/") } == true,
          "the provider knows no lease of \(address)")
        try stage.expect(
          try place.box(node).activationState() == "unactivated", "already activated")
        let rules = try place.gateway(node).host.run(["nft", "list", "ruleset"])
        try stage.expect(
          rules.contains("hook forward") && rules.contains("policy drop"),
          "an unactivated box has no rule that nothing is forwarded")
      }
    }
  ]
}
