import CLinux
import Glibc
import Linux
import Wire

/// Another machine at the other end of a cable: a second namespace, as long as the value lives.
final class Neighbour {
  let namespace: Descriptor
  private let home: Descriptor

  /// Takes the far end `device` of a cable of this namespace along, and raises it; nil: no cable.
  init(_ device: String?, address: String? = nil) throws {
    home = try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
    try system("unshare") { unshare(CLONE_NEWNET) }
    namespace = try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
    precondition(setns(home.rawValue, CLONE_NEWNET) == 0, "the way back is open")
    try inside { try OwnNamespace.command("ip", "link", "set", "lo", "up") }
    guard let device else { return }
    let place = "/proc/\(getpid())/fd/\(namespace.rawValue)"
    try OwnNamespace.command("ip", "link", "set", device, "netns", place)
    try inside {
      try OwnNamespace.command("ip", "link", "set", device, "up")
      if let address { try OwnNamespace.command("ip", "addr", "add", address, "dev", device) }
    }
  }

  /// Runs `body` as this machine.
  func inside<Result>(_ body: () throws -> Result) throws -> Result {
    try system("setns") { setns(namespace.rawValue, CLONE_NEWNET) }
    defer { precondition(setns(home.rawValue, CLONE_NEWNET) == 0, "the way back is open") }
    return try body()
  }

  /// Starts a program as this machine.
  func start(_ program: String, _ arguments: String...) throws -> ChildProcess {
    var specification = ProcessSpecification(program: program, arguments: [program] + arguments)
    specification.networkNamespace = namespace.rawValue
    specification.deathSignal = SIGKILL
    let null = try Descriptor.open("/dev/null", O_RDWR)
    specification.descriptors = [null.rawValue, null.rawValue, null.rawValue]
    return try specification.spawn()
  }

  /// Connects to a TCP port: 0, or the `errno` of the refusal, `ETIMEDOUT` after a second.
  func connect(to address: IPv4Address, port: UInt16) throws -> Int32 {
    try inside {
      let socket = try openSocket(AF_INET, .stream)
      Neighbour.connect(socket.rawValue, address, port)
      guard Neighbour.wait(socket.rawValue, POLLOUT) else { return ETIMEDOUT }
      return try StreamSocket.connectionError(socket.rawValue)
    }
  }

  /// Asks a name server; its answer as it came, empty when there is none within a second.
  func ask(_ server: IPv4Address, _ name: String, type: UInt16) throws -> [UInt8] {
    try inside {
      let socket = try openSocket(AF_INET, .datagram)
      Neighbour.connect(socket.rawValue, server, 53)
      var query = ByteWriter()
      for word in [UInt16(7), 0x0100, 1, 0, 0, 0] { query.uint16(word) }
      for label in name.split(separator: ".") {
        query.uint8(UInt8(label.utf8.count))
        query.octets(label.utf8)
      }
      query.uint8(0)
      query.uint16(type)
      query.uint16(1)
      _ = try socket.write(query.bytes)
      guard Neighbour.wait(socket.rawValue, POLLIN) else { return [] }
      return try socket.read(limit: 1_500) ?? []
    }
  }

  private static func connect(_ socket: Int32, _ address: IPv4Address, _ port: UInt16) {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = address.value.bigEndian
    _ = unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(
          socket, .init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func wait(_ socket: Int32, _ events: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
    return unsafe poll(&entry, 1, 1_000) == 1
  }
}

/// Ends a child when the test ends.
func withChild(_ child: ChildProcess, _ body: () throws -> Void) throws {
  defer {
    child.signal(SIGTERM)
    if child.wait(milliseconds: 2_000) == nil { child.signal(SIGKILL) }
  }
  try body()
}
