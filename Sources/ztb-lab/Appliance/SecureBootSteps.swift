import Glibc
import Linux
import Wire

extension ApplianceStory {
  /// One machine whose firmware checks what it starts.
  static let secureBoot = ApplianceStory(
    name: "secure-boot", start: .secureBoot,
    steps: [
      Step(
        name: "secure-boot", summary: "the firmware takes the keys, the signed image starts",
        isFoundation: true
      ) { scene in
        try scene.stage.expectModest(try scene.boot(.a), "Secure Boot, with the enrolment")
        try scene.place.installer(.a).showMenu()
        let shell = try EmergencyShell(scene, .a)
        let lockdown = try shell.run(
          "mount -t securityfs none /sys/kernel/security && cat /sys/kernel/security/lockdown")
        try shell.leave()
        try scene.stage.expect(
          lockdown.contains("[integrity]"), "the kernel is not locked down: \(lockdown)")
      },
      Step(name: "secure-unsigned", summary: "a kernel without a signature is refused") { scene in
        try scene.world.cutPower(.a)
        try scene.disk(.a).withUnsignedKernel {
          try scene.restorePowerExpecting(
            .a, oneOf: ["Access Denied", "Security Violation", "Access denied"])
          try scene.world.cutPower(.a)
          _ = try scene.disk(.a)
        }
        try scene.restorePower(.a)
      },
      Step(
        name: "secure-flipped",
        summary: "one flipped bit in the root's partition: it does not start"
      ) { scene in
        try scene.world.cutPower(.a)
        let disk = try scene.disk(.a)
        try disk.flip("root-a")
        try scene.restorePowerExpecting(
          .a, oneOf: ["is corrupted", "Kernel panic", "no disk has a root"])
        try scene.world.cutPower(.a)
        try disk.flip("root-a")
        try scene.restorePower(.a)
        scene.stage.tell("with the bit flipped back it starts again")
      },
    ])
}

extension ApplianceScene {
  /// The disk of a node that has no power.
  func disk(_ node: Node) throws -> MachineDisk {
    let machine = try machine(node)
    machine.host.waitForEnd()
    return MachineDisk(path: machine.diskFile, host: world.client)
  }

  /// Gives a node its power back; one of `texts` must appear, and no menu.
  func restorePowerExpecting(_ node: Node, oneOf texts: [String]) throws {
    try world.restorePower(node)
    let all = ["ready after"] + texts
    let (found, _) = try terminal(node).expect(oneOf: all, seconds: ApplianceScene.bootPatience)
    guard found > 0 else { throw LabError.failed("\(node.name) starts nevertheless") }
    stage.tell("\(node.name): “\(all[found])”")
  }
}

/// The disk of a virtual machine, to be changed while it has no power.
struct MachineDisk {
  let path: String
  /// Where the tools run.
  let host: Host

  /// Where a partition begins, in octets.
  func offset(of partition: String) throws -> Int {
    let table = try JSON(parsing: try host.run(["sfdisk", "--json", path]))["partitiontable"]
    let rows = table["partitions"].array
    guard let row = rows.first(where: { $0["name"].text == partition }),
      let start = row["start"].int
    else { throw LabError.failed("\(path) has no partition \(partition)") }
    return start * 512
  }

  /// Flips the lowest bit of an octet that is always read: within the first block.
  func flip(_ partition: String) throws {
    let file = try Descriptor.open(path, O_RDWR)
    let number = file.rawValue
    let place = try offset(of: partition) + 100
    var octet: UInt8 = 0
    _ = try system("pread", path) { unsafe pread(number, &octet, 1, place) }
    octet ^= 1
    _ = try system("pwrite", path) { unsafe pwrite(number, &octet, 1, place) }
    _ = try system("fsync", path) { fsync(number) }
  }

  /// Runs `body` while the only kernel of the disk has no signature; the machine has no power before
  /// and after it.
  func withUnsignedKernel(_ body: () throws -> Void) throws {
    let system = "\(path)@@\(try offset(of: "esp"))"
    let names = try host.run(["mdir", "-b", "-i", system, "::EFI/Linux"])
    guard let name = names.split(whereSeparator: \.isWhitespace).first.map(String.init) else {
      throw LabError.failed("the disk has no kernel")
    }
    try host.run(["mcopy", "-o", "-i", system, name, "/run/signed.efi"])
    try host.run(["cp", "/run/signed.efi", "/run/unsigned.efi"])
    try host.run(["sbattach", "--remove", "/run/unsigned.efi"])
    try host.run(["mcopy", "-o", "-i", system, "/run/unsigned.efi", name])
    try body()
    try host.run(["mcopy", "-o", "-i", system, "/run/signed.efi", name])
  }
}
