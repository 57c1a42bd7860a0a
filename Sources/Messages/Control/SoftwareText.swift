/// The software of an appliance in words, for command line and console alike.
public enum SoftwareText {
  /// One or two lines.
  public static func lines(_ software: SoftwareStatus) -> [String] {
    let slot = software.slot.isEmpty ? "" : " from slot \(software.slot)"
    let trial = software.isTrial ? ", on trial" : ""
    let first = "\(software.version) runs\(slot)\(trial)."
    guard let update = software.update, update.state != .trial else { return [first] }
    return [first, line(update)]
  }

  private static func line(_ update: UpdateStatus) -> String {
    let name = update.version.isEmpty ? "The update" : update.version
    switch update.state {
    case .downloading: return "\(name) is fetched: \(update.percent) %."
    case .verifying: return "\(name) is checked: \(update.percent) %."
    case .writing: return "\(name) is written: \(update.percent) %."
    case .installed:
      return update.at.isEmpty
        ? "\(name) is installed and waits for the restart."
        : "\(name) is installed; restart at \(update.at)."
    case .trial: return "\(name) is on trial."
    case .failed: return "\(name) was not installed: \(update.reason)"
    case .returned: return "\(name) did not stay: \(update.reason)"
    }
  }
}
