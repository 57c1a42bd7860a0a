import CLinux
import Glibc

/// The UNIX stream socket `control.sock` in a run directory, from both sides.
///
/// The address goes through `/proc/self/fd`, so that a run directory may have a path longer than
/// the 107 octets of a socket address.
public enum ControlSocket {
  /// Replaces the socket in `directory` and listens on it; user 0 may connect, and who has `group`.
  public static func listen(
    in directory: String, group: UInt32? = nil
  ) throws(SystemError) -> Descriptor {
    let path = directory + "/control.sock"
    unsafe unlink(path)
    let socket = try openSocket(AF_UNIX, .stream)
    let number = socket.rawValue
    try unsafe withAddress(directory) { address throws(SystemError) in
      try system("bind", path) { unsafe Glibc.bind(number, .init(__sockaddr__: address), length) }
    }
    try system("chmod", path) { unsafe chmod(path, group == nil ? 0o600 : 0o660) }
    if let group { try system("chown", path) { unsafe chown(path, 0, group) } }
    try system("listen", path) { Glibc.listen(number, 16) }
    return socket
  }

  /// Takes one waiting client, non-blocking; nil when there is none.
  public static func accept(_ listener: Int32) throws(SystemError) -> Descriptor? {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = try systemOrWouldBlock("accept4") {
      unsafe accept4(listener, .init(__sockaddr__: nil), nil, flags)
    }
    return number.map { Descriptor(owning: $0) }
  }

  /// Connects to the socket in `directory`; the descriptor waits on reads and writes.
  public static func connect(in directory: String) throws(SystemError) -> Descriptor {
    let socket = Descriptor(
      owning: try system("socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    let number = socket.rawValue
    try unsafe withAddress(directory) { address throws(SystemError) in
      try system("connect", directory + "/control.sock") {
        unsafe Glibc.connect(number, .init(__sockaddr__: address), length)
      }
    }
    return socket
  }

  private static let length = socklen_t(MemoryLayout<sockaddr_un>.size)

  private static func withAddress(
    _ directory: String,
    _ body: (UnsafePointer<sockaddr>) throws(SystemError) -> Void
  ) throws(SystemError) {
    let parent = try Descriptor.open(directory, O_PATH | O_DIRECTORY)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      for (index, octet) in "/proc/self/fd/\(parent.rawValue)/control.sock".utf8.enumerated() {
        unsafe buffer[index] = octet
      }
    }
    let pointer = UnsafeMutablePointer<sockaddr_un>.allocate(capacity: 1)
    unsafe pointer.initialize(to: address)
    defer { unsafe pointer.deallocate() }
    try unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self))
  }
}
