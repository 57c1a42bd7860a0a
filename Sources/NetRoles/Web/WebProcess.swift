/// The process of the `web` role: the activation page on the management port.
enum WebProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 { 1 }
}
