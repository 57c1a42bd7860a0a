import Glibc
public import Linux

/// A driver and the hardware it is for, as a line of a list names it:
/// `ALIAS ALIAS…|OPTIONS|PATH PATH…`; the last path is the driver, those before are what it needs.
struct Driver: Hashable {
  /// Shell patterns of the names that buses give their devices, such as `pci:v00008086d*`.
  let aliases: [String]
  let modules: [KernelModule]

  /// Reads a line; nil for anything else.
  init?(_ line: Substring) {
    let fields = line.split(separator: "|", omittingEmptySubsequences: false)
    guard fields.count == 3 else { return nil }
    let paths = fields[2].split(separator: " ").map(String.init)
    guard !paths.isEmpty else { return nil }
    aliases = fields[0].split(separator: " ").map(String.init)
    modules = paths.enumerated().map { index, path in
      KernelModule(path: path, options: index == paths.count - 1 ? String(fields[1]) : "")
    }
  }

  /// Whether one of the devices is for this driver.
  func serves(_ devices: some Sequence<String>) -> Bool {
    devices.contains { device in
      aliases.contains { unsafe fnmatch($0, device, 0) == 0 }
    }
  }
}

/// Loads the drivers of the hardware that is there, each once.
///
/// A bus shows its devices only when its own driver is there, and a device on USB takes its time:
/// ``load(report:)`` is to be called again until nobody waits for a device any more.
public struct Drivers {
  private var waiting: [Driver]
  private var known: Set<String> = []
  private let root: String

  /// Reads a list.
  /// - Parameter root: stands in front of the paths in the list.
  public init(list: String, root: String = "") {
    waiting = list.split(separator: "\n").compactMap { Driver($0) }
    self.root = root
  }

  /// Loads the drivers of devices that have come since the last call, in the order of the list.
  /// - Returns: whether there were any.
  public mutating func load(report: (SystemError) -> Void) -> Bool {
    load(take(for: Self.devices()), report)
  }

  /// Loads the first driver of the list whose hardware is there, for somebody who may need no other.
  /// - Returns: whether there was one.
  public mutating func loadFirst(report: (SystemError) -> Void) -> Bool {
    load(takeFirst(for: Self.devices()), report)
  }

  private func load(_ drivers: [Driver], _ report: (SystemError) -> Void) -> Bool {
    for module in drivers.flatMap(\.modules) {
      do throws(SystemError) { try module.load(root: root) } catch { report(error) }
    }
    return !drivers.isEmpty
  }

  /// The drivers of new devices, which are then no longer waited for.
  mutating func take(for devices: Set<String>) -> [Driver] {
    let new = devices.subtracting(known)
    known = devices
    guard !new.isEmpty else { return [] }
    let found = waiting.filter { $0.serves(new) }
    waiting.removeAll { found.contains($0) }
    return found
  }

  /// The first driver for any of the devices, which is then no longer waited for.
  mutating func takeFirst(for devices: Set<String>) -> [Driver] {
    guard let index = waiting.firstIndex(where: { $0.serves(devices) }) else { return [] }
    return [waiting.remove(at: index)]
  }

  /// What every bus calls its devices.
  private static func devices() -> Set<String> {
    var found: Set<String> = []
    for bus in Directory.names("/sys/bus") {
      let place = "/sys/bus/\(bus)/devices"
      for device in Directory.names(place) {
        // Most devices of some buses have no such name.
        guard let text = try? Files.read("\(place)/\(device)/modalias", limitBytes: 4_096) else {
          continue
        }
        found.insert(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
      }
    }
    return found
  }
}
