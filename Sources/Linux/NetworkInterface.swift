import CLinux
import Glibc
public import Wire

/// Quick questions about an interface of this network namespace; changes go through rtnetlink.
public enum NetworkInterface {
  /// The kernel's number of an interface, or nil when there is none of that name.
  public static func index(of name: String) -> Int32? {
    let index = unsafe name.withCString { unsafe if_nametoindex($0) }
    return index == 0 ? nil : Int32(index)
  }

  /// Whether this namespace has an interface `name` that can carry IPv4.
  ///
  /// Any request that names an absent interface makes the kernel look for a module of that name,
  /// which runs a program and waits for it; this question never does.
  public static func isPresent(_ name: String) -> Bool {
    unsafe access("/proc/sys/net/ipv4/conf/\(name)", F_OK) == 0
  }

  /// Like ``index(of:)``, without a wait when there is none of that name (``isPresent(_:)``).
  public static func indexIfPresent(of name: String) -> Int32? {
    isPresent(name) ? index(of: name) : nil
  }

  /// The name of the interface with the kernel's number `index`, or nil when there is none.
  public static func name(of index: Int32) -> String? {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(UInt32(bitPattern: index), &name) != nil else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether the link has carrier, asked of the driver (`ETHTOOL_GLINK`), so without the delay of
  /// link events, which real drivers report up to a second late. `socket` is any socket.
  public static func hasCarrier(_ name: String, socket: Int32) throws(SystemError) -> Bool {
    var value = ethtool_value(cmd: UInt32(ETHTOOL_GLINK), data: 0)
    var request = unsafe ifreq(named: name)
    try unsafe withUnsafeMutablePointer(to: &value) { pointer throws(SystemError) in
      unsafe request.ifr_ifru.ifru_data = unsafe UnsafeMutableRawPointer(pointer)
        .assumingMemoryBound(to: CChar.self)
      try system("ioctl", "ETHTOOL_GLINK \(name)") {
        unsafe ztb_ioctl_pointer(socket, UInt(SIOCETHTOOL), &request)
      }
    }
    return value.data != 0
  }

  /// Whether the interface is set up (`IFF_UP`); waits for no lock. `socket` is any socket.
  public static func isUp(_ name: String, socket: Int32) throws(SystemError) -> Bool {
    var request = unsafe ifreq(named: name)
    try system("ioctl", "SIOCGIFFLAGS \(name)") {
      unsafe ztb_ioctl_pointer(socket, UInt(SIOCGIFFLAGS), &request)
    }
    return unsafe request.ifr_ifru.ifru_flags & 1 != 0
  }

  /// The Ethernet address of an interface. `socket` is any socket.
  public static func macAddress(_ name: String, socket: Int32) throws(SystemError) -> MACAddress {
    var request = unsafe ifreq(named: name)
    try system("ioctl", "SIOCGIFHWADDR \(name)") {
      unsafe ztb_ioctl_pointer(socket, UInt(SIOCGIFHWADDR), &request)
    }
    var value: UInt64 = 0
    unsafe withUnsafeBytes(of: &request.ifr_ifru.ifru_hwaddr.sa_data) { bytes in
      for index in 0..<6 { value = unsafe value << 8 | UInt64(bytes[index]) }
    }
    return MACAddress(value)
  }

  /// Gives an interface that is down another name. `socket` is any socket.
  public static func rename(_ name: String, to new: String, socket: Int32) throws(SystemError) {
    var request = unsafe ifreq(named: name)
    unsafe withUnsafeMutableBytes(of: &request.ifr_ifru.ifru_newname) { buffer in
      for (index, octet) in new.utf8.prefix(Int(IFNAMSIZ) - 1).enumerated() {
        unsafe buffer[index] = octet
      }
    }
    try system("ioctl", "SIOCSIFNAME \(name) \(new)") {
      unsafe ztb_ioctl_pointer(socket, UInt(SIOCSIFNAME), &request)
    }
  }

  /// Sets an interface up. `socket` is any socket.
  public static func raise(_ name: String, socket: Int32) throws(SystemError) {
    var request = unsafe ifreq(named: name)
    try system("ioctl", "SIOCGIFFLAGS \(name)") {
      unsafe ztb_ioctl_pointer(socket, UInt(SIOCGIFFLAGS), &request)
    }
    unsafe request.ifr_ifru.ifru_flags |= 1
    try system("ioctl", "SIOCSIFFLAGS \(name)") {
      unsafe ztb_ioctl_pointer(socket, UInt(SIOCSIFFLAGS), &request)
    }
  }
}

extension ifreq {
  /// An empty request about the interface `name`; longer names than the kernel's are cut.
  init(named name: String) {
    unsafe self.init()
    unsafe withUnsafeMutableBytes(of: &ifr_ifrn.ifrn_name) { buffer in
      for (index, octet) in name.utf8.prefix(Int(IFNAMSIZ) - 1).enumerated() {
        unsafe buffer[index] = octet
      }
    }
  }
}
