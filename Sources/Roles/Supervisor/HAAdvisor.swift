import Messages
import Wire

/// Turns what is known of the pair into sentences: what is wrong, and what to do about it. Pure.
struct HAAdvisor {
  /// The pair as the status document shows it.
  let status: HAStatus
  /// The port of the link between the nodes.
  let linkPort: String
  /// Why this node cannot forward.
  let faults: [String]
  /// Version of the policy that this node enforces; nil: none.
  let policyVersion: UInt64?
  /// Why the sessions of the nodes do not agree; nil: they do.
  let syncProblem: String?

  /// Everything, the most urgent first.
  var advice: [HAAdvice] { faultAdvice + linkAdvice + peerAdvice + pathAdvice + rankAdvice }

  private var faultAdvice: [HAAdvice] {
    faults.map { HAAdvice(problem: $0, remedy: HAAdvisor.remedy(fault: $0)) }
  }

  /// What to do about a fault, by what it is about.
  private static func remedy(fault: String) -> String {
    let table = [
      ("suspended", "ztb ha resume when the maintenance is over"),
      ("does not run", "see why with ztb events; ztb restart starts every role anew"),
      ("no policy is loaded", "see why with ztb events, then apply a policy that loads"),
      ("the policy is not", "see why with ztb events, then apply the policy again"),
      ("connection table", "see who opens the connections with ztb sessions"),
      ("disk cannot be", "free space or replace the disk; the other node can take over meanwhile"),
      ("DHCP", "see that the WAN is cabled, and what its DHCP server says"),
    ]
    return table.first { fault.contains($0.0) }?.1 ?? "see ztb events for its cause"
  }

  private var linkAdvice: [HAAdvice] {
    var advice: [HAAdvice] = []
    if !status.link.carrier {
      advice.append(
        HAAdvice(
          problem: "\(linkPort) has no link",
          remedy: "check its cable; a switch between the nodes and a direct cable both work"))
    }
    for port in Set(status.vrrp.filter { !$0.carrier }.map(\.port)).sorted() {
      advice.append(
        HAAdvice(problem: "\(port) has no link", remedy: "check its cable and the switch port"))
    }
    return advice
  }

  private var peerAdvice: [HAAdvice] {
    guard let peer = status.peer, peer.state != "unreachable" else {
      guard status.link.carrier else { return [] }
      return [
        HAAdvice(
          problem: "the other node is silent on \(linkPort)",
          remedy: "see that it is on and activated, and that both ports \(linkPort) are cabled")
      ]
    }
    var advice = peer.faults.map {
      HAAdvice(problem: "the other node: \($0)", remedy: "run ztb ha status there")
    }
    if !peer.configurationAgrees {
      advice.append(
        HAAdvice(
          problem: "the nodes have different configurations",
          remedy: "apply the same document to both; in the portal, save the site once more"))
    }
    if let own = policyVersion, own != peer.policyVersion {
      advice.append(
        HAAdvice(
          problem: "policy version \(own) here, \(peer.policyVersion) there",
          remedy: "apply the same policy to both; a switchover would cut sessions until then"))
    }
    if let rank = status.rank, rank.priority == peer.priority {
      advice.append(
        HAAdvice(
          problem: "both nodes have priority \(rank.priority)",
          remedy: "give them different ones in ha.vrrp.priority"))
    }
    if let syncProblem {
      advice.append(
        HAAdvice(
          problem: "the sessions of the nodes do not agree: \(syncProblem)",
          remedy: "wait until ztb sync status shows ready; a failover would cut some until then"))
    }
    return advice
  }

  private var pathAdvice: [HAAdvice] {
    (status.checks ?? []).filter { !$0.isUp }.map { check in
      HAAdvice(
        problem: "check \(check.name) is down: \(check.text)",
        remedy: "see what is between this node and \(check.target)")
    }
  }

  private var rankAdvice: [HAAdvice] {
    guard let held = status.rank?.heldMs else { return [] }
    return [
      HAAdvice(
        problem: "the role moved too often; this node waits \(Int(held / 1_000) + 1) s more",
        remedy: "it ends by itself; find the cause in ztb events")
    ]
  }
}
