import Glibc
import JSON
import Linux
import Wire

/// One appliance as a virtual machine: the hardware of the image's profile `vm`.
///
/// It runs inside a host of the lab, whose four cables are bridged to the machine's ports, so that
/// a power cut of the host is one of the machine. Its disk outlives it.
final class Machine: Gateway {
  let node: Node
  let host: Host
  /// Whether the node could take over, seen from outside: the scenario knows how to ask.
  var readiness: () throws -> Bool = { false }
  private let workspace: Workspace
  private let appliance: Appliance
  private let disk: String
  private var process: ChildProcess?
  private var monitor: MachineMonitor?

  /// What an emulator does quickly: with AVX and XSAVE (`max`) everything takes a third longer.
  private static let processor =
    "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+aes,+pclmulqdq,+rdrand"

  /// Slots of the ports; the image names them by their order.
  private static let firstSlot = 4

  init(
    _ node: Node, _ host: Host, _ workspace: Workspace, disk: String, _ appliance: Appliance
  ) throws {
    self.node = node
    self.host = host
    self.workspace = workspace
    self.appliance = appliance
    self.disk = try workspace.directory(disk)
  }

  /// The file that is the machine's disk.
  var diskFile: String { "\(disk)/disk.raw" }
  private var variablesFile: String { "\(disk)/variables.fd" }
  private var monitorPath: String { "\(disk)/monitor" }

  func start() throws {
    try bridgePorts()
    if !Programs.isReadable(diskFile) {
      try host.run(["cp", "--sparse=always", appliance.disk, diskFile])
      try host.run(["cp", Appliance.firmwareVariables, variablesFile])
    }
    unsafe unlink(monitorPath)
    process = try host.start(try command(), log: "machine-\(node.name)")
    monitor = nil
  }

  func tend() throws {}

  func stop() throws {
    try control("quit")
    guard process?.wait(milliseconds: 10_000) != nil else {
      throw LabError.timeout("\(node.name): QEMU to end")
    }
  }

  /// Whether QEMU has ended, as after a power off.
  var hasEnded: Bool { process?.wait(milliseconds: 0) != nil }

  func isReadyToTakeOver() throws -> Bool { try readiness() }

  func synchronisingProcess() throws -> Int? { nil }

  func holdsVirtualAddress(_ fabric: Switch) throws -> Bool {
    try fabric.advertisers().contains(node)
  }

  // MARK: What QEMU can do to it

  /// Runs a command of QEMU's control channel.
  @discardableResult
  func control(_ command: String, _ arguments: (String, JSONValue)...) throws -> JSON {
    let monitor = try monitor ?? MachineMonitor(path: monitorPath) { _ = poll(nil, 0, 5) }
    self.monitor = monitor
    return try monitor.execute(command, arguments)
  }

  /// Pulls a cable out of a port, or plugs it in: the machine sees its carrier go or come.
  func plug(_ port: Port, in plugged: Bool) throws {
    try control("set_link", ("name", .string(port.name)), ("up", .bool(plugged)))
  }

  // MARK: Construction

  /// Joins each cable of the host with a port of the machine; a bridge of two ports is a wire.
  private func bridgePorts() throws {
    for port in Port.allCases {
      let (wire, tap) = ("wire-\(port.rawValue)", "tap-\(port.rawValue)")
      let lines = [
        // The cable's own address is the machine's now.
        "link set \(port.name) address \(Machine.wireMAC(port, node))",
        "link add \(wire) type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        "tuntap add \(tap) mode tap",
        "link set \(tap) master \(wire)", "link set \(port.name) master \(wire)",
        "link set \(tap) up", "link set \(port.name) up", "link set \(wire) up",
      ]
      try host.ip(lines)
    }
  }

  private static func wireMAC(_ port: Port, _ node: Node) -> MACAddress {
    MACAddress(0x0200_0000_8000 | UInt64(port.rawValue) << 8 | UInt64(node.octet))
  }

  private func command() throws -> [String] {
    var words = [
      "qemu-system-x86_64", "-name", node.name, "-accel", "tcg", "-cpu", Machine.processor, "-m",
      "512",
      "-smp", "1", "-nodefaults", "-no-user-config", "-display", "none",
      "-smbios", "type=1,manufacturer=ZT,product=vm,serial=\(Appliance.serial(node))",
      "-qmp", "unix:\(monitorPath),server=on,wait=off",
      "-device", "virtio-rng-pci,addr=0x1e", "-device", "i6300esb", "-action", "watchdog=reset",
      "-drive", "if=none,id=disk,file=\(diskFile),format=raw,cache=writeback",
      "-device", "virtio-blk-pci,drive=disk,addr=0x10,bootindex=1",
    ]
    if let console = appliance.consoles[node] {
      words += ["-chardev", "serial,id=console,path=\(console)", "-serial", "chardev:console"]
    }
    for port in Port.allCases {
      words += [
        "-netdev",
        "tap,id=net\(port.rawValue),ifname=tap-\(port.rawValue),script=no,"
          + "downscript=no,vhost=off",
        "-device",
        "virtio-net-pci,netdev=net\(port.rawValue),id=\(port.name),bus=pcie.0,"
          + "addr=\(Machine.firstSlot + port.rawValue - 1),mac=\(port.mac(node)),romfile=",
      ]
    }
    return words + (try startWords())
  }

  private func startWords() throws -> [String] {
    func flash(_ code: String) -> [String] {
      [
        "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=\(code)",
        "-drive", "if=pflash,unit=1,format=raw,file=\(variablesFile)",
      ]
    }
    switch appliance.start {
    case .direct:
      let line = String(decoding: try Files.read("\(appliance.directory)/cmdline"), as: UTF8.self)
      return [
        "-machine", "q35", "-kernel", "\(appliance.directory)/vmlinux",
        "-initrd", "\(appliance.directory)/initrd", "-append", line,
      ]
    case .firmware: return ["-machine", "q35"] + flash(Appliance.firmware)
    case .secureBoot:
      return [
        "-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on",
        "-global", "ICH9-LPC.disable_s3=1",
      ] + flash(Appliance.secureFirmware)
    }
  }
}
