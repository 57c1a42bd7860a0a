import Wire

/// Turns a checked policy into nft text for table `inet ztb`.
///
/// Two things keep the text safe: it holds no text of the author, only generated names, numbers
/// and names of interfaces; and equal input gives equal text, whatever the order of the document.
///
/// Marks: bits 31…24 of `ct mark` are the epoch, 0 is never allowed; bits 23…12 are the schedules that
/// were open, ``PolicyDocument/openSchedules(at:)``; bit 0 is set where a connection was allowed between two
/// rulesets, ``Ruleset/deltas(from:)``; bit 1 where an end has come into another group, ``movedMark(_:)``; the others are 0. While a packet is judged,
/// `meta priority` is the class of its source and `meta mark` that of its destination, then the number
/// of what judges (``JudgeNumbers``). What is accepted leaves with `meta mark` ``passMark`` and the
/// priority 0.
public enum PolicyCompiler {
  /// The table's name, of family inet.
  public static let tableName = "ztb"
  /// The table.
  public static let table = "inet \(tableName)"
  /// A table of its own that forwards nothing but what the policy has accepted.
  public static let guardTable = "inet \(guardTableName)"
  /// Its name.
  static let guardTableName = "ztb_guard"
  /// What accepted packets carry between the two tables.
  static let passMark = "0x80000000"
  /// Counts packets that no rule is about.
  public static let defaultCounter = "c_default_denied"
  /// Counts packets that the kill switch closed.
  public static let killedCounter = "c_killed"
  /// Counts packets from and to members of the quarantine.
  public static let quarantinedCounter = "c_quarantined"
  /// Counts packets of hosts by addresses that they were not given.
  public static let unboundCounter = "c_unbound"
  /// The map that tells which ruleset is loaded.
  public static let identityMap = "loaded"

  /// The ruleset of a policy without problems, with the rules that are in force at a time in seconds
  /// since 1970; nil is outside of every schedule. A rule that is not keeps its counter and its
  /// chain, to which no map of pairs leads.
  public static func compile(
    _ policy: PolicyDocument, _ context: PolicyContext, at time: Int64? = nil
  ) -> Ruleset {
    let matrix = PolicyMatrix(policy.inForce(at: time))
    let open = policy.openSchedules(at: time)
    let identity =
      [policy.version] + identityWords(context.hash)
      + (policy.schedules.isEmpty ? [] : [UInt32(open)])
    let rules = policy.rules.sorted { $0.id < $1.id }
    let chains = Chains(policy: policy, context: context, openSchedules: open)
    let judges = JudgeNumbers(rules)
    var contents = elements(policy, context, matrix, judges)
    contents[ruleMap] = judges.elements
    contents[identityMap] = identityElements(identity)
    for (map, ports) in PortForwardMaps.elements(context.forwards) { contents[map] = ports }
    return Ruleset(
      chains: chains.all + rules.map { chains.chain(of: $0) },
      maps: maps.map { Ruleset.Map(name: $0.name, elements: contents[$0.name] ?? []) },
      epoch: policy.epoch, identity: identity, ruleNames: Set(rules.map(\.kernelName)),
      helpers: context.helpers)
  }

  /// Accepts connections of other epochs, or judged under other hours, in reply direction for 3 seconds, so that one-way
  /// transfers have time to be judged again after a change of policy or of role. To be run behind a
  /// ruleset in its transaction, or by itself; the kernel ends it, and what is later leaves it alone.
  public static func grace(_ epochs: Set<UInt8>) -> String {
    epochs.sorted().map { epoch in
      let stamp = Chains.text(Chains.stamp(epoch, 0))
      let add = "add element \(table) \(graceSet) { \(stamp) timeout \(graceSeconds)s }\n"
      // One that is there keeps its end; without it nothing could be deleted.
      return add + "delete element \(table) \(graceSet) { \(stamp) }\n" + add
    }.joined()
  }

  /// Fills the quarantine with who counts at `time`, in seconds since 1970. To be run in one
  /// transaction behind a ruleset, and again when the clock was set. The kernel ends each membership
  /// by itself, so that both nodes agree without a word and no epoch has to change.
  public static func quarantine(_ policy: PolicyDocument, at time: Int64) -> String {
    let members = policy.quarantine.members.filter { $0.counts(at: time) }
    return [(self.members, AddressFamily.ipv4), (members6, .ipv6)].map { set, family in
      let elements = members.filter { $0.address.family == family }.map { member in
        let left = member.until.map { min($0 - time, longestTimeoutSeconds) }
        return "\(member.address)" + (left.map { " timeout \($0 / 86_400)d\($0 % 86_400)s" } ?? "")
      }
      return (["flush set \(table) \(set)"] + batches(set, elements)).joined(separator: "\n") + "\n"
    }.joined()
  }

  /// A hundred years; the kernel refuses much more, and nft a number of nine digits.
  private static let longestTimeoutSeconds: Int64 = 3_155_760_000

  /// How long the previous epoch is accepted in reply direction.
  public static let graceSeconds = 3

  /// Keeps forwarding closed while ``table`` is gone. To be run after a ruleset was loaded.
  ///
  /// Its chains of type nat decide nothing. They keep the hooks that translate the packets of
  /// existing connections: without, a reply would reach the node itself, whose kernel resets the
  /// connection.
  ///
  /// The kernel lets nobody else touch a table with an owner, not even by `flush ruleset`, and
  /// removes it when the owner's socket is closed.
  public static let guardian = """
    table \(guardTable) {
    flags owner
    counter c_unjudged { }
    chain forward {
    type filter hook forward priority filter + 10; policy drop;
    meta mark and \(passMark) != 0 accept
    counter name "c_unjudged"
    }
    \(natChains.map { "chain \($0) { \($1) }" }.joined(separator: "\n"))
    }

    """

  /// Removes everything that any ruleset made. Fails when there is nothing.
  public static let removal = "delete table \(table)\n"

  /// Removes what a rule left behind that is no longer in the policy. To be run in one transaction
  /// behind a ruleset without it, whose maps lead nowhere near its chain.
  ///
  /// - Parameter counters: every name of a counter in the kernel; those of no rule are left alone.
  public static func removal(ofRulesAmong counters: [String], but ruleset: Ruleset) -> String {
    counters.filter { $0.hasPrefix(Rule.kernelPrefix) && !ruleset.ruleNames.contains($0) }.map {
      "delete chain \(table) \($0)\ndelete counter \(table) \($0)\n"
    }.joined()
  }

  /// Epochs that are accepted in reply direction for a moment.
  static let graceSet = "grace"

  /// Members of the quarantine.
  static let members = "members"
  /// Those of IPv6.
  static let members6 = "members6"

  /// Elements in one command; nft takes a long list much faster than many commands.
  private static let batch = 1000

  /// Leads from the number of what judges to its chain.
  static let ruleMap = "rules"

  private static let baseChains = [
    ("pre_raw", "type filter hook prerouting priority raw; policy accept;"),
    ("out_raw", "type filter hook output priority raw; policy accept;"),
    ("input", "type filter hook input priority filter; policy drop;"),
    ("forward", "type filter hook forward priority filter; policy drop;"),
  ]

  /// ``Chains`` leaves the first empty where nothing is forwarded to ports, but it must be there: it
  /// registers the hook that translates replies and inserted entries.
  private static let natChains = [
    ("nat_pre", "type nat hook prerouting priority dstnat; policy accept;"),
    ("nat_post", "type nat hook postrouting priority srcnat; policy accept;"),
  ]

  private static let maps =
    [
      ("zone_in", "type ifname : mark;"), ("zone_out", "type ifname : mark;"),
      ("hosts", "type mark . ipv4_addr : mark;"), ("hosts6", "type mark . ipv6_addr : mark;"),
      ("nets", "type mark . ipv4_addr : mark; flags interval;"),
      ("nets6", "type mark . ipv6_addr : mark; flags interval;"),
      // nft takes no mark for a priority but through a map: every class leads to itself.
      ("sources", "type mark : classid;"),
      ("pol", "type classid . mark . inet_proto . inet_service : mark;"),
      ("pol_range", "type classid . mark . inet_proto . inet_service : mark; flags interval;"),
      ("pol_proto", "type classid . mark . inet_proto : mark;"),
      ("pol_any", "type classid . mark : mark;"), (ruleMap, "type mark : verdict;"),
      (identityMap, "type mark : mark;"),
    ].map { (name: $0, type: $1) } + PortForwardMaps.all

  /// The maps that the kernel takes over behind everything else of a transaction.
  static let rangeMaps = Set(maps.filter { $0.type.contains("flags interval") }.map(\.name))

  /// Everything that persists. Adding what is there already changes nothing.
  static var declarations: [String] {
    ["add table \(table)"]
      + (baseChains + natChains).map { "add chain \(table) \($0) { \($1) }" }
      + Chains.regular.map { "add chain \(table) \($0)" }
      + maps.map { "add map \(table) \($0.name) { \($0.type) }" }
      + [
        "add set \(table) \(graceSet) { type mark; flags timeout; }",
        "add set \(table) \(members) { type ipv4_addr; flags timeout; }",
        "add set \(table) \(members6) { type ipv6_addr; flags timeout; }",
        "add set \(table) \(boundSet) { type ether_addr . ipv4_addr; }",
      ]
      + Chains.counters.map { "add counter \(table) \($0)" }
      + [Chains.denialLimit, Chains.permissionLimit].map {
        "add limit \(table) \($0) { rate 50/second burst 100 packets }"
      }
  }

  /// The elements of ``identityMap``.
  static func identityElements(_ words: [UInt32]) -> [String] {
    words.enumerated().map { "\($0) : \($1)" }
  }

  private static func identityWords(_ hash: [UInt8]) -> [UInt32] {
    stride(from: 0, to: 8, by: 4).map { start in
      hash.dropFirst(start).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// What is in each map, by its name.
  private static func elements(
    _ policy: PolicyDocument, _ context: PolicyContext, _ matrix: PolicyMatrix,
    _ judges: JudgeNumbers
  ) -> [String: [String]] {
    var zoneIn: [String] = []
    var zoneOut: [String] = []
    for interface in context.interfaces.sorted(by: { $0.name < $1.name }) {
      guard let zone = policy.zones.first(where: { $0.ports.contains(interface.name) }),
        let number = matrix.classes[zone.name]
      else { continue }
      zoneIn += interface.devices.map { "\"\($0)\" : \(number)" }
      zoneOut.append("\"\(interface.name)\" : \(number)")
    }
    let sources = matrix.classes.values.sorted().map { "\($0) : \($0)" }
    let places = ["zone_in": zoneIn, "zone_out": zoneOut, "sources": sources]
    return [groupElements(policy, matrix.classes), cellElements(matrix, judges)].reduce(places) {
      $0.merging($1) { first, _ in first }
    }
  }

  /// What is in the maps of groups.
  static func groupElements(
    _ policy: PolicyDocument, _ classes: [String: UInt32]
  ) -> [String: [String]] {
    var places = Dictionary(uniqueKeysWithValues: groupMaps.map { ($0, [String]()) })
    for group in policy.groups.sorted(by: { $0.id < $1.id }) {
      guard let number = classes[group.zone] else { continue }
      for net in group.nets.sorted(by: { $0.address < $1.address }) {
        // A host is found at once; a map of ranges looks at all of them.
        let isHost = net.length == (net.family == .ipv4 ? 32 : 128)
        let map = (isHost ? "hosts" : "nets") + (net.family == .ipv4 ? "" : "6")
        let place = isHost ? "\(net.address)" : "\(net)"
        places[map, default: []].append("\(number) . \(place) : \(group.id)")
      }
    }
    return places
  }

  /// Hosts and networks of groups.
  private static let groupMaps = ["hosts", "hosts6", "nets", "nets6"]

  private static func cellElements(
    _ matrix: PolicyMatrix, _ judges: JudgeNumbers
  ) -> [String: [String]] {
    var exact: [String] = []
    var ranges: [String] = []
    var whole: [String] = []
    var any: [String] = []
    for (pair, cell) in matrix.cells.sorted(by: { $0.key < $1.key }) {
      let key = "\(pair.source) . \(pair.destination)"
      if let decision = cell.any { any.append("\(key) : \(judges[decision.chain])") }
      for (transport, decision) in cell.whole.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        whole.append("\(key) . \(transport.rawValue) : \(judges[decision.chain])")
      }
      for (transport, segments) in cell.ports.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        for segment in segments {
          let place = "\(key) . \(transport.rawValue) . \(text(segment.ports))"
          let element = "\(place) : \(judges[segment.decision.chain])"
          if segment.ports.count == 1 { exact.append(element) } else { ranges.append(element) }
        }
      }
    }
    return ["pol": exact, "pol_range": ranges, "pol_proto": whole, "pol_any": any]
  }

  /// Ports as nft has them.
  static func text(_ ports: ClosedRange<UInt16>) -> String {
    ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }

  /// Commands about elements of a map or set; none for none.
  static func batches(
    _ map: String, _ elements: [String], verb: String = "add"
  ) -> [String] {
    stride(from: 0, to: elements.count, by: batch).map { start in
      let part = elements[start..<min(start + batch, elements.count)]
      return "\(verb) element \(table) \(map) { \(part.joined(separator: ", ")) }"
    }
  }
}
