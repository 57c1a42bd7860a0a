import Linux

/// `ztb-lab bench`: the product and its peers in the same world, one after another.
enum BenchVerb {
  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    guard options.words.count == 1, let benchmark = Benchmark(rawValue: options.words[0]) else {
      throw LabError.usage(
        "bench needs one of failover, sync, portal, policy; see ztb-lab bench --help")
    }
    if benchmark == .portal { return try portal(workspace, options) }
    if benchmark == .policy { return try policy(workspace, options) }
    let names =
      options.text("kind")?.split(separator: ",").map(String.init) ?? benchmark.kinds
    var kinds: [GatewayKind] = []
    for name in names { kinds.append(try GatewayKind(named: name, options)) }
    let trials = try options.int("trials", options.has("quick") ? 3 : 10)
    var figures = Figures()
    switch benchmark {
    case .failover:
      try FailoverBenchmark(workspace, trials: trials, isFull: options.has("full"))
        .run(kinds, &figures)
    case .sync:
      try SyncBenchmark(workspace, count: options.has("quick") ? 20_000 : 100_000)
        .run(kinds, &figures)
    case .portal, .policy: break
    }
    return try show(figures, options)
  }

  /// The portal has no peer to be compared with.
  private static func portal(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let stage = Stage(
      workspace, try options.kind(), isFull: options.has("full"), pictures: Pictures(directory: nil)
    )
    defer { stage.end() }
    var figures = Figures()
    let benchmark = PortalBenchmark(
      stage: stage, program: try Portal.program(beside: try options.daemon()),
      sites: options.has("quick") ? 50 : 1_000,
      seconds: options.has("full") ? 600 : options.has("quick") ? 15 : 60)
    try benchmark.run(&figures)
    return try show(figures, options)
  }

  /// Its peers are rulesets, in routers of their own.
  private static func policy(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let stage = Stage(
      workspace, try options.kind(), isFull: options.has("full"), pictures: Pictures(directory: nil)
    )
    defer { stage.end() }
    var figures = Figures()
    try PolicyBenchmark(stage: stage, trials: try options.int("trials", 10)).run(
      options.has("quick") ? [1_000] : [10_000, 100_000], &figures)
    return try show(figures, options)
  }

  private static func show(_ figures: Figures, _ options: Options) throws -> Int32 {
    Output.line()
    Output.table(figures.rows)
    if let file = options.text("json") {
      try Files.replace(file, with: Array(figures.json.utf8), mode: 0o644)
    }
    return 0
  }

  private enum Benchmark: String {
    case failover, sync, portal, policy

    /// What runs unless the command line says otherwise.
    var kinds: [String] {
      switch self {
      case .failover: ["ztb", "kc-10ms-direct", "kc-30ms-direct", "kc-100ms", "kc-1s", "frr-100ms"]
      case .sync: ["ztb", "kc-100ms", "kc-100ms-direct"]
      case .portal, .policy: []
      }
    }
  }
}

/// Named numbers of several kinds, as a table and as JSON.
struct Figures {
  private var kinds: [String] = []
  private var lines: [String] = []
  private var texts: [String: [String: String]] = [:]
  private var values: [String: [String: [Double]]] = [:]

  /// Notes a figure; `text` is what the table shows.
  mutating func note(_ line: String, _ kind: String, _ numbers: [Double], _ text: String) {
    if !kinds.contains(kind) { kinds.append(kind) }
    if !lines.contains(line) { lines.append(line) }
    texts[line, default: [:]][kind] = text
    values[line, default: [:]][kind] = numbers
    Output.line("\(kind.padded(16)) \(line): \(text)")
  }

  /// One column per kind.
  var rows: [[String]] {
    [[""] + kinds] + lines.map { line in [line] + kinds.map { texts[line]?[$0] ?? "–" } }
  }

  /// `{"line": {"kind": [numbers]}}`.
  var json: String {
    let body = lines.map { line in
      let entries = kinds.compactMap { kind in
        values[line]?[kind].map { numbers in
          let list = numbers.map { $0.isFinite ? $0.text(3) : "null" }.joined(separator: ", ")
          return "\"\(kind)\": [\(list)]"
        }
      }
      return "  \"\(line)\": {\(entries.joined(separator: ", "))}"
    }
    return "{\n\(body.joined(separator: ",\n"))\n}\n"
  }
}
