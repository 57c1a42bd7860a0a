import Configuration
import Policy

extension PolicyExplanation {
  /// Some lines for people.
  var text: String {
    let verdict =
      switch outcome {
      case .allowed(let rule): "allowed by rule \(rule)"
      case .denied(let rule): "denied by rule \(rule)"
      case .deniedByDefault: "denied: no rule allows it"
      case .quarantined(let address): "denied: \(address) is in quarantine"
      case .closed(let level): "denied: the kill switch is at \(level.rawValue)"
      case .monitored(let rule?): "allowed in mode monitor: rule \(rule) would deny it"
      case .monitored(nil): "allowed in mode monitor: no rule allows it"
      case .notForwarded(let reason): "not forwarded: \(reason)"
      }
    var lines = [verdict, "from \(from.text)", "to   \(to.text)"]
    if let forward {
      lines.append("by   port forward \(forward.id) of \(forward.address)")
    }
    if let translation {
      let address = translation.to.map { "\($0)" } ?? "the interface's own address"
      lines.append("leaves as \(address)\(translation.randomPorts ? ", port chosen anew" : "")")
    }
    return lines.joined(separator: "\n")
  }
}

extension PolicyExplanation.End {
  fileprivate var text: String {
    let way = interface.map { "by \($0)" } ?? "no way there"
    let place = zone.map { ", zone \($0)" } ?? (interface == nil ? "" : ", in no zone")
    return "\(address) \(way)\(place)\(group.map { ", group \($0)" } ?? "")"
  }
}

/// What `policy explain --json` prints.
struct ExplanationOutput: Encodable {
  struct End: Encodable {
    let address: String
    let interface: String?
    let zone: String?
    let group: String?

    init(_ end: PolicyExplanation.End) {
      address = "\(end.address)"
      interface = end.interface
      zone = end.zone
      group = end.group
    }
  }

  let verdict: String
  let rule: String?
  let reason: String?
  let from: End
  let to: End
  let translatedTo: String?
  let portForward: String?

  init(_ answer: PolicyExplanation) {
    from = End(answer.from)
    to = End(answer.to)
    portForward = answer.forward?.id
    translatedTo = answer.translation.map { $0.to.map { "\($0)" } ?? "masquerade" }
    switch answer.outcome {
    case .allowed(let id): (verdict, rule, reason) = ("allowed", id, nil)
    case .denied(let id): (verdict, rule, reason) = ("denied", id, nil)
    case .deniedByDefault: (verdict, rule, reason) = ("denied", nil, "no rule allows it")
    case .quarantined(let address):
      (verdict, rule, reason) = ("denied", nil, "\(address) is in quarantine")
    case .closed(let level):
      (verdict, rule, reason) = ("denied", nil, "the kill switch is at \(level.rawValue)")
    case .monitored(let id): (verdict, rule, reason) = ("allowed", id, "mode monitor")
    case .notForwarded(let text): (verdict, rule, reason) = ("not forwarded", nil, text)
    }
  }
}
