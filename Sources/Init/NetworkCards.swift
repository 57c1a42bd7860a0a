import CLinux
import Configuration
import Glibc
import Linux
import Wire

/// The network cards of the machine, and their names.
enum NetworkCards {
  private static let place = "/sys/class/net"

  /// Every card of the hardware; what the kernel makes up itself is none.
  static func all(socket: Int32) -> [NetworkCard] {
    Directory.names(place).compactMap { name in
      // One that is gone meanwhile is no card.
      guard let device = path("\(place)/\(name)/device"),
        let address = try? NetworkInterface.macAddress(name, socket: socket)
      else { return nil }
      // A virtio device is a child of the card that it sits on.
      let slots = device.split(separator: "/").filter { $0.count == 12 && $0.contains(":") }
      let slot = slots.last.map { String($0) } ?? ""
      let parent = "/sys/bus/pci/devices/\(slot)"
      var card = NetworkCard(name: name, address: address, slot: slot)
      card.isMultifunction = Directory.names("/sys/bus/pci/devices").contains {
        $0 != slot && $0.dropLast() == slot.dropLast()
      }
      card.onboard = number("\(parent)/acpi_index") ?? number("\(parent)/index")
      card.hotplug = hotplugSlot(of: slot)
      return card
    }
  }

  /// Names the cards as the profile says; what is worth a line in the log.
  static func name(
    for profile: Profile, overrides: [String: MACAddress]
  ) throws(SystemError) -> [String] {
    let socket = try openSocket(AF_INET, .datagram)
    let number = socket.rawValue
    try NetworkInterface.raise("lo", socket: number)
    let naming = PortNaming(profile, all(socket: number), overrides: overrides)
    // In two passes: the name of one may be the present name of another.
    let pairs = naming.names.sorted { $0.value < $1.value }.enumerated()
    for (index, pair) in pairs {
      try NetworkInterface.rename(pair.key, to: "ztbtmp\(index)", socket: number)
    }
    for (index, pair) in pairs {
      try NetworkInterface.rename("ztbtmp\(index)", to: pair.value, socket: number)
    }
    return naming.remarks
  }

  private static func path(_ link: String) -> String? {
    guard let found = unsafe realpath(link, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  private static func number(_ path: String) -> Int? {
    // Most cards have no such file.
    guard let octets = try? Files.read(path, limitBytes: 32) else { return nil }
    return Int(String(decoding: octets, as: UTF8.self).filter { $0.isNumber })
  }

  /// `/sys/bus/pci/slots/N/address` is the card's address without its function.
  private static func hotplugSlot(of slot: String) -> Int? {
    Directory.names("/sys/bus/pci/slots").compactMap { name -> Int? in
      guard let octets = try? Files.read("/sys/bus/pci/slots/\(name)/address", limitBytes: 64)
      else { return nil }
      let address = String(decoding: octets, as: UTF8.self).filter { !$0.isWhitespace }
      return slot.hasPrefix(address + ".") ? Int(name) : nil
    }.first
  }
}
