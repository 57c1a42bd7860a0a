import Glibc
import Linux
import Testing

@testable import Boot

@Suite struct DriversTests {
  private let list = """
    pci:v00001AF4d*sv*sd*bc*sc*i*||/m/virtio.ko /m/virtio_pci.ko
    virtio:d00000002v*||/m/virtio_blk.ko
    pci:v00008086d000025ABsv*sd*bc*sc*i* platform:x|nowayout=1|/m/watchdog.ko /m/i6300esb.ko
    usb:v*p*d[0-2]*dc*|| /m/a.ko
    """

  @Test("a driver is taken when its device is there, in the order of the list, and once")
  func take() {
    var drivers = Drivers(list: list)
    #expect(drivers.take(for: ["pci:v00008086d00001237sv0sd0bc06sc00i00"]).isEmpty)
    let devices: Set = [
      "platform:x", "pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc00i00",
    ]
    let found = drivers.take(for: devices).flatMap(\.modules)
    #expect(
      found.map(\.path) == [
        "/m/virtio.ko", "/m/virtio_pci.ko", "/m/watchdog.ko", "/m/i6300esb.ko",
      ])
    #expect(drivers.take(for: devices).isEmpty)
    #expect(
      drivers.take(for: devices.union(["virtio:d00000002v00001AF4"])).flatMap(\.modules)
        == [KernelModule(path: "/m/virtio_blk.ko")])
  }

  @Test(
    "one after the other: the first of the list whose device is there, again until none is left")
  func takeFirst() {
    var drivers = Drivers(list: list)
    let devices: Set = ["platform:x", "pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc00i00"]
    let paths = (0..<3).map { _ in drivers.takeFirst(for: devices).last?.modules.last?.path }
    #expect(paths == ["/m/virtio_pci.ko", "/m/i6300esb.ko", nil])
  }

  @Test("options are for the driver, not for what it needs")
  func options() throws {
    let driver = try #require(Driver("pci:*|nowayout=1 heartbeat=30|/m/watchdog.ko /m/i6300esb.ko"))
    #expect(
      driver.modules == [
        KernelModule(path: "/m/watchdog.ko"),
        KernelModule(path: "/m/i6300esb.ko", options: "nowayout=1 heartbeat=30"),
      ])
  }

  @Test("the patterns of USB have ranges")
  func ranges() throws {
    let driver = try #require(Driver("usb:v*p*d[0-2]*dc*||/m/a.ko"))
    #expect(driver.serves(["usb:v0951p1666d0110dc00"]))
    #expect(!driver.serves(["usb:v0951p1666d3110dc00"]))
  }

  @Test("a line that is no driver is left out", arguments: ["", "pci:*", "a|b", "a|b|", "a|b|c|d"])
  func otherLines(line: String) {
    #expect(Driver(line[...]) == nil)
  }
}

@Suite struct KernelModuleTests {
  @Test("a list has a path and options in each line")
  func list() {
    #expect(
      KernelModule.list("/m/a.ko\n\n/m/bonding.ko max_bonds=0 miimon=100\n") == [
        KernelModule(path: "/m/a.ko"),
        KernelModule(path: "/m/bonding.ko", options: "max_bonds=0 miimon=100"),
      ])
  }

  @Test("a module may be for some processors alone")
  func processors() {
    let list = KernelModule.list("/m/a.ko if=sha_ni x=1\n/m/b.ko y=2")
    #expect(
      list == [
        KernelModule(path: "/m/a.ko", options: "x=1", processorFlag: "sha_ni"),
        KernelModule(path: "/m/b.ko", options: "y=2"),
      ])
    func found(_ flags: String) -> [Bool] {
      list.map { $0.isFor("processor\t: 0\nflags\t\t: \(flags)\nbugs\t\t: sha_ni\n") }
    }
    #expect(found("fpu sha_ni avx2") == [true, true])
    #expect(found("fpu avx2 sha_nix") == [false, true] && found("") == [false, true])
    #expect(list.map { $0.isFor("") } == [false, true])
  }

  @Test("a module without a file says which")
  func absent() {
    #expect(throws: SystemError(call: "open", code: ENOENT, subject: "/none/a.ko")) {
      try KernelModule(path: "/none/a.ko").load()
    }
  }
}

@Suite struct PartitionTests {
  private let uevent = "MAJOR=254\nMINOR=3\nDEVNAME=vda3\nDEVTYPE=partition\nPARTN=3\nPARTNAME="

  private func partition(_ disk: String, _ number: Int, _ name: String) -> Partition? {
    Partition(
      device: "\(disk)\(number)", path: "/sys/devices/pci0000:00/block/\(disk)/\(disk)\(number)",
      uevent: uevent + name + "\n")
  }

  @Test("a partition has the disk of its directory and the name of the partition table")
  func parsing() throws {
    let found = try #require(partition("vda", 3, "verity-a"))
    #expect(found.disk == "vda")
    #expect(found.name == "verity-a")
    #expect(found.number == "254:3")
  }

  @Test("a disk, and a partition without a name, is none")
  func others() {
    #expect(
      Partition(device: "vda", path: "/sys/block/vda", uevent: "MAJOR=254\nMINOR=0\n") == nil)
  }

  @Test("a root and a tree belong together when slot and disk are the same")
  func pairs() {
    let partitions = [
      partition("vda", 2, "root-a"), partition("vda", 3, "verity-a"),
      partition("vda", 5, "verity-b"),
      partition("vdb", 4, "root-b"), partition("vdb", 5, "verity-b"), partition("vdb", 6, "data"),
    ].compactMap { $0 }
    let pairs = VeritySlot.pairs(partitions)
    #expect(pairs.map(\.letter) == ["a", "b"])
    #expect(pairs.map(\.root.device) == ["vda2", "vdb4"])
    #expect(pairs.map(\.tree.device) == ["vda3", "vdb5"])
  }
}
