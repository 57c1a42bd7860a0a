/// The process of the `fence` role: NET_ADMIN, NET_RAW, real-time above `vrrp`.
enum FenceProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 { RealTimeRole.run("fence") { try FenceRole().run() } }
}
