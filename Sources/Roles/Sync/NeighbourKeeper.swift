import Linux
import SessionSync
import Wire

/// The hosts beside the pair: read from the active node's kernel, and kept in the standby's.
///
/// A new active that knows no Ethernet address must ask for it before the first packet to each host
/// can go, and that is lost where the host is slow or the question is. What the peer knew is
/// therefore in this kernel before the role comes, as `NUD_STALE`: good for the first packet, and
/// asked about by the kernel itself with the traffic. A host that has changed its card meanwhile has
/// told everybody by its own questions, which the standby's kernel hears, too.
final class NeighbourKeeper {
  private struct Place: Hashable {
    var device: String
    var address: IPAddress
  }

  private let socket: RouteSocket
  /// What the peer knows, and whether that is why this kernel does.
  private var known: [Place: (neighbour: Neighbour, isEntered: Bool)] = [:]
  /// Entries that the kernel refused.
  private(set) var refused = 0

  init() throws(NetworkError) { socket = try RouteSocket() }

  /// What this node's kernel knows on `devices`, in the order of the addresses; the best known first
  /// when they are more than can be told.
  func read(_ devices: [String]) throws(NetworkError) -> [Neighbour] {
    var names: [Int32: String] = [:]
    for device in devices {
      if let index = NetworkInterface.indexIfPresent(of: device) { names[index] = device }
    }
    var found = try socket.neighbours(names)
    found.sort { a, b in
      (a.neighbour.device, a.neighbour.address) < (b.neighbour.device, b.neighbour.address)
    }
    if found.count > Limits.neighbours {
      found = (0...2).flatMap { rank in found.filter { $0.rank == rank } }
    }
    return found.map(\.neighbour)
  }

  /// Enters what the peer knows, on `devices` alone, and takes back what it no longer knows.
  func follow(_ neighbours: [Neighbour], on devices: [String]) {
    var wanted: [Place: Neighbour] = [:]
    for neighbour in neighbours where devices.contains(neighbour.device) {
      wanted[Place(device: neighbour.device, address: neighbour.address)] = neighbour
    }
    for (place, old) in known where wanted[place] == nil {
      known[place] = nil
      if old.isEntered { remove(old.neighbour) }
    }
    for (place, neighbour) in wanted where known[place]?.neighbour != neighbour {
      // What this kernel has found out itself is not worse; only news of the peer replace it.
      let isNews = known[place] != nil
      known[place] = (neighbour, enter(neighbour, replacing: isNews))
    }
  }

  /// Enters again what the kernel has dropped meanwhile: with a cable that was out, with a device that
  /// was lowered, or as nobody used it.
  func restore(_ devices: [String]) throws(NetworkError) {
    guard !known.isEmpty else { return }
    let present = Set(
      try read(devices).map { Place(device: $0.device, address: $0.address) })
    for (place, (neighbour, isEntered)) in known where !present.contains(place) {
      known[place] = (neighbour, enter(neighbour, replacing: false) || isEntered)
    }
  }

  /// The node has become active: what the kernel has forgotten meanwhile, because nothing used it,
  /// is entered again. From here on the kernel's entries are its own.
  func promote() {
    for (neighbour, _) in known.values { _ = enter(neighbour, replacing: false) }
    known = [:]
  }

  /// The node has become standby: it has entered nothing yet.
  func demote() { known = [:] }

  /// Whether the entry is there because of this.
  private func enter(_ neighbour: Neighbour, replacing: Bool) -> Bool {
    guard let index = NetworkInterface.indexIfPresent(of: neighbour.device) else { return false }
    do throws(NetworkError) {
      return try socket.add(neighbour, on: index, replacing: replacing)
    } catch {
      refused += 1
      return false
    }
  }

  private func remove(_ neighbour: Neighbour) {
    guard let index = NetworkInterface.indexIfPresent(of: neighbour.device) else { return }
    do throws(NetworkError) {
      try socket.delete(neighbour, on: index)
    } catch { refused += 1 }
  }
}
