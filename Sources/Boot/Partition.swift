import Glibc
import Linux

/// A partition with a name, as the kernel lists it.
public struct Partition: Hashable, Sendable {
  /// `vda2`.
  public let device: String
  /// The disk it is on: `vda`.
  public let disk: String
  /// `254:2`.
  public let number: String
  /// The name in the partition table: `root-a`.
  public let name: String

  /// Every named partition, in the order of their devices.
  public static func all() -> [Partition] {
    Directory.names("/sys/class/block").compactMap(read)
  }

  private static func read(_ device: String) -> Partition? {
    let place = "/sys/class/block/\(device)"
    // The device may have gone meanwhile.
    guard let bytes = try? Files.read(place + "/uevent", limitBytes: 4_096),
      let path = unsafe realpath(place, nil)
    else { return nil }
    defer { unsafe free(path) }
    return Partition(
      device: device, path: unsafe String(cString: path),
      uevent: String(decoding: bytes, as: UTF8.self))
  }

  /// - Parameter path: of the device, such as `/sys/devices/…/block/vda/vda2`.
  init?(device: String, path: String, uevent: String) {
    let lines = uevent.split(separator: "\n")
    func field(_ key: String) -> String? {
      lines.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }
    let places = path.split(separator: "/")
    guard places.count >= 2, let name = field("PARTNAME"), let major = field("MAJOR"),
      let minor = field("MINOR")
    else { return nil }
    self.device = device
    self.disk = String(places[places.count - 2])
    self.number = "\(major):\(minor)"
    self.name = name
  }
}
