/// What the machine is to do after everything has left.
public enum Farewell {
  /// Start again.
  case reboot
  /// Stay off.
  case powerOff

  /// With what the supervisor ends to tell process 1.
  public var exitStatus: Int32 {
    switch self {
    case .reboot: 10
    case .powerOff: 11
    }
  }
}
