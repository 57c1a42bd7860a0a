import Configuration
import Glibc
import Linux
import Messages
import Supervision
import Wire

/// Whether this node is fit to be the active one, looked at once a second.
extension Supervisor {
  /// Looks when it is due.
  func lookAtHealth(at now: Instant) {
    guard let due = watch.lookDue, due <= now else { return }
    watch.lookDue = now + SupervisorLimits.healthEvery
    lookAtLink()
    guard !isReplacing, !isStopping, !plan.isFactory else { return watch.health.reset() }
    if watch.diskLookDue <= now {
      watch.diskLookDue = now + SupervisorLimits.diskEvery
      watch.diskProblem = writeProblem
    }
    let stopped = table.entries.filter { $0.state != .running }.map(\.service.name)
    let enforced = knowledge.policy
    let picture = NodeHealth.Picture(
      stoppedRoles: stopped,
      unconfirmedPolicy: enforced.flatMap {
        $0.loaded && $0.hash != plan.policyHash ? plan.policyHash : nil
      },
      connections: connections, diskProblem: watch.diskProblem)
    let before = watch.health
    guard watch.health.look(picture, at: now) else { return }
    let (old, new) = (before.everything, watch.health.everything)
    for reason in new where !old.contains(reason) { note("ha.health", "not healthy", reason) }
    for reason in old where !new.contains(reason) {
      note("ha.health", "healthy again", "over: \(reason)")
    }
    tellHealth()
    tellPaths()
  }

  /// How full the connection table of this namespace is.
  private var connections: (count: Int, limit: Int)? {
    guard let count = number("netfilter/nf_conntrack_count"),
      let limit = number("netfilter/nf_conntrack_max"), limit > 0
    else { return nil }
    return (count, limit)
  }

  /// A kernel parameter; nil while the kernel has none, as before the first rule that needs it.
  private func number(_ path: String) -> Int? {
    guard let octets = try? Files.read("/proc/sys/net/" + path, limitBytes: 64) else { return nil }
    return Int(String(decoding: octets.filter { $0 > 0x20 }, as: UTF8.self))
  }

  /// Writes a few octets where the database is, and takes them away again.
  private var writeProblem: String? {
    let path = options.stateDirectory + "/.writable"
    do throws(SystemError) {
      let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC)
      _ = try file.write(Array("ztb\n".utf8))
    } catch {
      return unsafe String(cString: strerror(error.code))
    }
    unsafe unlink(path)
    return nil
  }

  // MARK: Telling

  /// Everything that is wrong with this node; empty when it is healthy.
  var faults: [String] { barriers + watch.health.burdens.map(\.text) }

  /// Why this node cannot forward, and must not be the active one.
  private var barriers: [String] {
    networkFaults + plan.leaseFaults + watch.health.reasons
      + (knowledge.policy?.loaded == false ? ["no policy is loaded"] : [])
      + (isSuspended && plan.isPair ? ["suspended by the operator"] : [])
  }

  /// Lets `vrrp` decide who forwards.
  func tellHealth() { send(.vrrp(.health(faults: barriers)), to: .vrrp) }

  // MARK: The link between the nodes

  /// Finds out what is between the two HA ports. LLDP is for the nearest neighbour alone, and no
  /// bridge passes it on: whoever hears the other node's own frames is on one cable with it.
  private func lookAtLink() {
    let isDirect = plan.document.ha.map { ha in
      guard let mac = watch.neighbourMAC, let peer = ha.peers.first else { return false }
      return ARPTable.mac(of: peer, on: ha.port) == mac
    }
    guard let isDirect, isDirect != watch.isLinkDirect, let port = plan.document.ha?.port else {
      return
    }
    watch.isLinkDirect = isDirect
    let what = isDirect ? "a direct cable to the other node" : "no direct cable any more"
    note("ha.link", "\(port): \(what)", "LLDP")
  }
}

/// Neighbours that the kernel knows, from `/proc/net/arp`.
enum ARPTable {
  /// The Ethernet address of a neighbour on an interface; nil when it is not known.
  static func mac(of address: IPv4Address, on interface: String) -> MACAddress? {
    guard let octets = try? Files.read("/proc/net/arp", limitBytes: 1 << 20) else { return nil }
    return mac(of: address, on: interface, in: String(decoding: octets, as: UTF8.self))
  }

  /// The same from the text of the table: address, type, flags, Ethernet address, mask, interface.
  static func mac(
    of address: IPv4Address, on interface: String, in text: String
  ) -> MACAddress? {
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      guard fields.count == 6, fields[0] == address.description, fields[5] == interface else {
        continue
      }
      // All zero while the kernel still asks.
      return MACAddress(fields[3]).flatMap { $0.value == 0 ? nil : $0 }
    }
    return nil
  }
}
