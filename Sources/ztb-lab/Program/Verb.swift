/// What a person can ask the lab for.
enum Verb: String, CaseIterable {
  case world, test, appliance, demo, bench

  /// Purpose in one line.
  var summary: String {
    switch self {
    case .world: "build the world and keep it until Ctrl-C, for hand work"
    case .test: "run scenarios: power cuts, pulled cables, killed processes under live sessions"
    case .appliance: "run the image in two virtual machines: boot, activation, outages, updates"
    case .demo: "two boxes are activated, then one loses power under live sessions"
    case .bench: "the product beside keepalived, conntrackd, FRR, linear rules; the portal"
    }
  }

  /// Options that take a value, with their explanation.
  var valued: [String: String] {
    var options = [
      "ztbd": "path of the daemon (default: ztbd beside ztb-lab)",
      "work": "directory for temporary files (default: .build/lab)",
      "kind": "what runs on the gateways: ztb (default), " + GatewayKind.peerNames,
    ]
    switch self {
    case .world: options["for"] = "end after this many seconds"
    case .test:
      options["pictures"] = "write pictures of pages and transcripts of consoles to this directory"
      options["minutes"] = "how long the soak lasts (default: 30 with --full, else 40 s)"
      options["seed"] = "what the soak draws its injuries from (default: another each time)"
    case .appliance:
      options["images"] = "directory of the image's builds (default: .build/images/lab)"
      options["keys"] = "directory of the keys that they are signed with (default: .build/keys)"
      options["pictures"] = "write transcripts of consoles to this directory"
      options["kind"] = nil
    case .demo: options["picture"] = "write the picture of the probe stream to this SVG file"
    case .bench:
      options["json"] = "write the figures to this file"
      options["trials"] = "trials of each failover (default 10)"
      options["kind"] = "run only these kinds, joined by commas"
    }
    return options
  }

  /// Options without a value, with their explanation.
  var flags: [String: String] {
    switch self {
    case .world: ["loads": "start the loads too"]
    case .test, .appliance:
      [
        "list": "print the names of the scenarios",
        "full": "the lengths of the acceptance list instead of short forms",
        "keep-logs": "print the gateways' logs when a scenario fails",
      ]
    case .demo: [:]
    case .bench:
      [
        "quick": "fewer trials and smaller tables",
        "full": "failover: also what survives; portal: 10 minutes instead of 1",
      ]
    }
  }

  /// Words after the options.
  var positional: String {
    switch self {
    case .test, .appliance: "[NAME…]"
    case .bench: "failover|sync|portal|policy"
    case .world, .demo: ""
    }
  }

  /// One screen about this verb.
  var help: String {
    let options =
      valued.map { ("--\($0.key) VALUE", $0.value) } + flags.map { ("--\($0.key)", $0.value) }
    let lines = options.sorted { $0.0 < $1.0 }.map { "  \($0.0.padded(18)) \($0.1)" }
    return """
      usage: ztb-lab \(rawValue) \(positional) [options]
      \(summary). Needs root; nothing outside its own namespaces is touched.

      \(lines.joined(separator: "\n"))
        \("--help".padded(18)) this text

      Exit status: 0 done, 1 a scenario failed or something is missing, 2 usage.
      """
  }

  /// One screen about the program.
  static var overview: String {
    let lines = allCases.map { "  \($0.rawValue.padded(10)) \($0.summary)" }
    return """
      usage: ztb-lab VERB [options]
      Two gateways, a client and a server in network namespaces of this machine, under live sessions.

      \(lines.joined(separator: "\n"))

      ztb-lab VERB --help tells more. Everything is removed at the end, also after Ctrl-C.
      """
  }
}

/// The parsed words after a verb.
struct Options {
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  /// Words that are no options.
  private(set) var words: [String] = []

  init(_ verb: Verb, _ arguments: [String]) throws {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        words.append(word)
        continue
      }
      let name = String(word.dropFirst(2))
      if verb.flags[name] != nil {
        flags.insert(name)
      } else if verb.valued[name] != nil, let value = rest.popFirst() {
        values[name] = value
      } else {
        throw LabError.usage("\(word) is unknown or lacks its value; see ztb-lab \(verb) --help")
      }
    }
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }
  func text(_ name: String) -> String? { values[name] }

  /// A whole number, `normal` when the option is absent.
  func int(_ name: String, _ normal: Int) throws -> Int {
    guard let text = values[name] else { return normal }
    guard let number = Int(text), number > 0 else {
      throw LabError.usage("--\(name) wants a whole number, not \(text)")
    }
    return number
  }

  /// Directory that holds the labs' own directories.
  func workRoot() throws -> String { try values["work"] ?? buildRoot() + "lab" }

  /// The directory `.build/` that this program was built in, else one in `/tmp`.
  func buildRoot() throws -> String {
    let own = try Programs.ownPath()
    guard let range = own.ranges(of: "/.build/").last else { return "/tmp/ztb-" }
    return String(own[..<range.upperBound])
  }

  /// What runs on the gateways.
  func kind() throws -> GatewayKind { try GatewayKind(named: text("kind") ?? "ztb", self) }

  /// Path of the product's daemon.
  func daemon() throws -> String {
    let own = try Programs.ownPath()
    let beside = own.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/ztbd"
    let path = values["ztbd"] ?? beside
    guard Programs.exists(path) else {
      throw LabError.missing("\(path) is not built; name another with --ztbd")
    }
    return path
  }
}

extension GatewayKind {
  /// Names of the kinds that are not the product.
  static var peerNames: String {
    (KeepalivedVariant.all.map(\.name) + Dialect.frr.map(\.name)).joined(separator: ", ")
  }

  /// The product with the interval of emulated machines, which stand still now and then.
  static let patientName = "ztb-200ms"

  /// Finds a kind by its name.
  init(named name: String, _ options: Options) throws {
    if name == "ztb" {
      self = .ztb(program: try options.daemon())
    } else if name == GatewayKind.patientName {
      self = .ztb(program: try options.daemon(), advertIntervalMs: 200)
    } else if let variant = KeepalivedVariant.all.first(where: { $0.name == name }) {
      self = .keepalived(variant)
    } else if let dialect = Dialect.frr.first(where: { $0.name == name }) {
      self = .frr(dialect)
    } else {
      throw LabError.usage(
        "--kind \(name) is none of ztb, \(GatewayKind.patientName), \(GatewayKind.peerNames)")
    }
    let missing = Programs.missing(programs)
    guard missing.isEmpty else {
      throw LabError.missing("not installed: \(missing.joined(separator: ", "))")
    }
  }
}
