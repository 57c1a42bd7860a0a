import CLinux
import CMicrohttpd
import Glibc

/// Addresses of sockets as text.
enum SocketAddress {
  /// The address of a client without its port; empty for one that has none.
  static func text(_ address: UnsafePointer<sockaddr>?) -> String {
    guard let address = unsafe address else { return "" }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let size =
      unsafe Int32(address.pointee.sa_family) == AF_INET6
      ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    let code = unsafe getnameinfo(
      address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    guard code == 0 else { return "" }
    let text = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: text, as: UTF8.self)
  }
}
