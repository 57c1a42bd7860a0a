/// Documents that somebody made to keep a gateway busy: valid in most parts, and large where
/// something is compared with something else.
enum HostileText: String, CaseIterable {
  case deepLists, deepObjects, longNumber, longString, manyKeys, endlessSpace, emptyLists
  case longNames, manyNetworks, manyGroups, manyNames, everythingToEverything, manyRanges
  case wideRanges, repeatedRanges, shadowedRules, manyProblems

  /// The sample with this in it.
  var text: String {
    switch self {
    case .deepLists: return String(repeating: "[", count: 10_000)
    case .deepObjects:
      return Self.policy("\"zones\": " + String(repeating: "{\"a\":", count: 10_000))
    case .longNumber: return "{\"schema\": " + String(repeating: "7", count: 2_000_000) + "}"
    case .longString: return "{\"" + String(repeating: "\\u0061", count: 300_000) + "\": 1}"
    case .manyKeys: return "{" + Self.joined(50_000) { "\"k\($0)\":1" } + "}"
    case .endlessSpace: return "{" + String(repeating: " ", count: 2_000_000)
    case .emptyLists: return "{\"lan\": [" + Self.joined(200_000) { _ in "[]" } + "]}"
    case .longNames:
      let ports = Self.joined(1000) { "\($0)" }
      return Self.policy(
        "\"zones\": {\"\(String(repeating: "z", count: 1_000_000))\": {\"ports\": [\(ports)]}}")
    case .manyNetworks: return Self.networks
    case .manyGroups: return Self.policy(Self.zones, Self.groups(4000, networks: 8))
    case .manyNames:
      let names = "[" + Self.joined(1000) { "\"g\($0)\"" } + "]"
      let rules = Self.rules(250) { _ in (names, names, "any") }
      return Self.policy(Self.zones, Self.groups(4000), rules)
    case .everythingToEverything:
      let rules = Self.rules(10_000) { _ in ("[\"any\"]", "[\"any\"]", "any") }
      return Self.policy(Self.zones, Self.groups(4000), rules)
    case .manyRanges:
      let single = Self.joined(400) {
        "\"s\($0)\":[{\"proto\":\"tcp\",\"ports\":[\"\($0 * 128 + 1)\"]}]"
      }
      let rules = Self.rules(2_000) {
        ("[\"lan\"]", "[\"wan\"]", $0 == 0 ? "even" : "s\($0 % 400)")
      }
      return Self.policy(
        Self.zones, "\"services\": {\(Self.evenPorts("even")), \(single)}", rules)
    case .wideRanges:
      let wide = "\"wide\":[{\"proto\":\"tcp\",\"ports\":[\"1-65535\"]}]"
      let rules = Self.rules(2_000) {
        ("[\"lan\"]", "[\"wan\"]", $0 == 0 ? "even" : "wide")
      }
      return Self.policy(Self.zones, "\"services\": {\(Self.evenPorts("even")), \(wide)}", rules)
    case .repeatedRanges:
      let rules = Self.rules(6) { _ in ("[\"lan\"]", "[\"wan\"]", "even") }
      return Self.policy(Self.zones, "\"services\": {\(Self.evenPorts("even"))}", rules)
    case .shadowedRules:
      let services = Self.joined(3) { Self.evenPorts("even\($0)") }
      let rules = Self.rules(2_000) { _ in ("[\"lan\"]", "[\"wan\"]", "any") }
      return Self.policy(Self.zones, "\"services\": {\(services)}", rules)
    case .manyProblems:
      let rules = Self.rules(10_000) { ("[\"x\($0)\"]", "[\"y\($0)\"]", "z\($0)") }
      return Self.policy(Self.zones, Self.groups(4000), rules)
    }
  }

  private static let zones =
    "\"zones\": {\"lan\": {\"ports\": [\"ge2\"]}, \"wan\": {\"ports\": [\"ge3\"]}}"

  /// The sample with other members in its policy.
  private static func policy(_ members: String...) -> String {
    let start = "\"policy\": {\"schema\": 1, \"version\": 42,"
    let parts = Sample.text.split(separator: start)
    let end = parts[1].split(separator: "\"defaults\"")[1]
    return parts[0] + start + members.joined(separator: ", ") + ", \"defaults\"" + end
  }

  private static func joined(_ count: Int, _ element: (Int) -> String) -> String {
    (0..<count).map(element).joined(separator: ",")
  }

  private static func groups(_ count: Int, networks: Int = 1) -> String {
    let all = joined(count) { number in
      let nets = joined(networks) { "\"10.\(number / 250).\(number % 250).\($0 * 4)/30\"" }
      return "\"g\(number)\":{\"id\":\(number + 1),\"zone\":\"lan\",\"nets\":[\(nets)]}"
    }
    return "\"groups\": {\(all)}"
  }

  private static func rules(
    _ count: Int, _ parts: (Int) -> (from: String, to: String, service: String)
  ) -> String {
    let all = joined(count) { number in
      let (from, to, service) = parts(number)
      return "{\"id\":\"r\(number)\",\"tier\":\"allow\",\"from\":\(from),\"to\":\(to),"
        + "\"service\":\"\(service)\"}"
    }
    return "\"rules\": [\(all)]"
  }

  /// Every second port, so that no two can be joined.
  private static func evenPorts(_ name: String) -> String {
    let entries = joined(32) { part in
      let ports = joined(1000) { "\"\(part * 2000 + $0 * 2 + 2)\"" }
      return "{\"proto\":\"tcp\",\"ports\":[\(ports)]}"
    }
    return "\"\(name)\":[\(entries)]"
  }

  /// Two hundred networks that are the same, and as many routes into nowhere.
  private static var networks: String {
    let lans = joined(200) { "{\"port\":\"ge2\",\"vlan\":\($0 + 1),\"address\":\"10.1.0.2/24\"}" }
    let routes = joined(200) {
      "{\"to\":\"10.\(20 + $0 / 250).\($0 % 250).0/24\",\"via\":\"192.0.2.1\"}"
    }
    return Sample.replacing(
      ("\"lan\": [", "\"lan\": [" + lans + ","), ("\"routes\": [", "\"routes\": [" + routes + ","))
  }
}
