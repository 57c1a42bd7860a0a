import Configuration
import Wire

/// A network card as the kernel shows it before it is named.
struct NetworkCard: Hashable {
  /// The kernel's name, such as `eth0`.
  var name: String
  /// The address that it was made with.
  var address: MACAddress
  /// Where it is: `0000:04:00.0`, the PCI address; empty for what is not on that bus.
  var slot: String
  /// Whether other functions are on the same slot.
  var isMultifunction = false
  /// Number that the firmware gives an onboard card; nil: it is none.
  var onboard: Int?
  /// Number of the slot that a card is plugged in; nil: not known.
  var hotplug: Int?

  /// The names by which systems with predictable names know it, the preferred one first.
  var predictableNames: [String] {
    var names: [String] = []
    if let onboard { names.append("eno\(onboard)") }
    guard let place = place else { return names }
    let function = isMultifunction || place.function > 0 ? "f\(place.function)" : ""
    if let hotplug { names.append("ens\(hotplug)\(function)") }
    return names + ["enp\(place.bus)s\(place.slot)\(function)"]
  }

  private var place: (bus: Int, slot: Int, function: Int)? {
    let parts = slot.split(whereSeparator: { $0 == ":" || $0 == "." })
    guard parts.count == 4, let bus = Int(parts[1], radix: 16), let slot = Int(parts[2], radix: 16),
      let function = Int(parts[3], radix: 16)
    else { return nil }
    return (bus, slot, function)
  }
}

/// Which card becomes which port of the model.
struct PortNaming {
  /// The kernel's name to the port's.
  private(set) var names: [String: String] = [:]
  /// Cards without a port, and ports without a card, for the log.
  private(set) var remarks: [String] = []

  /// Decides for all cards: first what `overrides` says by address, then the places that the
  /// profile knows, and, for ports of which it knows none, the order of the slots.
  init(_ profile: Profile, _ cards: [NetworkCard], overrides: [String: MACAddress]) {
    var free = cards.sorted { ($0.slot, $0.name) < ($1.slot, $1.name) }
    for port in profile.ports {
      guard let address = overrides[port.name] else { continue }
      take(port.name, from: &free) { $0.address == address }
    }
    for port in profile.ports where isOpen(port.name, overrides) {
      guard let device = port.device else { continue }
      take(port.name, from: &free) { $0.predictableNames.contains(device) }
    }
    for port in profile.ports where isOpen(port.name, overrides) && port.device == nil {
      take(port.name, from: &free) { _ in true }
    }
    for port in profile.ports where !names.values.contains(port.name) {
      remarks.append("\(port.name): no network card")
    }
    remarks += free.map { "\($0.name) (\($0.address), \($0.slot)) is no port of a \(profile.name)" }
  }

  private func isOpen(_ port: String, _ overrides: [String: MACAddress]) -> Bool {
    overrides[port] == nil && !names.values.contains(port)
  }

  private mutating func take(
    _ port: String, from free: inout [NetworkCard], where fits: (NetworkCard) -> Bool
  ) {
    guard let index = free.firstIndex(where: fits) else { return }
    names[free.remove(at: index).name] = port
  }
}

/// `/cfg/ports`: the ports of a box whose cards are not where its profile expects them, a line
/// each: `ge2 52:54:00:12:34:56`.
enum PortOverrides {
  /// A line that cannot be used.
  struct Problem: Error, Hashable, CustomStringConvertible {
    let line: Int
    let reason: String

    var description: String { "/cfg/ports line \(line): \(reason); the file is not used" }
  }

  /// Reads the file whole, or not at all.
  static func parse(_ text: String, _ profile: Profile) throws(Problem) -> [String: MACAddress] {
    var found: [String: MACAddress] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split(separator: " ")
      guard !words.isEmpty else { continue }
      func problem(_ reason: String) -> Problem { Problem(line: index + 1, reason: reason) }
      guard words.count == 2 else { throw problem("not of the form “ge2 52:54:00:12:34:56”") }
      let port = String(words[0])
      guard profile.port(port) != nil else {
        throw problem("a \(profile.name) has no port \(port)")
      }
      guard let address = MACAddress(String(words[1])) else {
        throw problem("\(words[1]) is no MAC address")
      }
      guard found[port] == nil, !found.values.contains(address) else {
        throw problem("\(port) or \(address) is there twice")
      }
      found[port] = address
    }
    return found
  }
}
