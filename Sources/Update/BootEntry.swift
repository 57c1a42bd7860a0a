/// The name of a version in the boot loader's menu, with its boot counter.
///
///     ztb_1.2.3.efi       blessed
///     ztb_1.2.3+3.efi     on trial, three starts left
///     ztb_1.2.3+2-1.efi   on trial, two left, one done
///     ztb_1.2.3+0-3.efi   exhausted: the loader takes it last
///
/// The loader counts by renaming before each start (Boot Loader Specification, "Boot counting").
public struct BootEntry: Hashable, Sendable, CustomStringConvertible {
  /// Where a version stands.
  public enum State: Hashable, Sendable {
    /// It has proven itself; the loader does not count.
    case blessed
    /// It is started at most `left` times more, and was `done` times.
    case trial(left: UInt8, done: UInt8)
  }

  /// Starts that a new version gets.
  public static let trialStarts: UInt8 = 3

  /// Its version.
  public var version: SoftwareVersion
  /// Where it stands.
  public var state: State

  /// Joins the values.
  public init(_ version: SoftwareVersion, _ state: State) {
    self.version = version
    self.state = state
  }

  /// Reads a file name; nil for one that is not ours.
  public init?(fileName: some StringProtocol) {
    let name = String(fileName)
    guard name.utf8.count > 8, name.hasPrefix("ztb_"), name.hasSuffix(".efi") else { return nil }
    let words = name.dropFirst(4).dropLast(4).split(
      separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard let version = SoftwareVersion(words[0]) else { return nil }
    guard words.count == 2 else {
      self.init(version, .blessed)
      return
    }
    let counts = words[1].split(separator: "-", omittingEmptySubsequences: false).map(Self.count)
    switch counts.count {
    case 1:
      guard let left = counts[0] else { return nil }
      self.init(version, .trial(left: left, done: 0))
    case 2:
      guard let left = counts[0], let done = counts[1] else { return nil }
      self.init(version, .trial(left: left, done: done))
    default: return nil
    }
  }

  /// Its file name.
  public var description: String {
    switch state {
    case .blessed: "ztb_\(version).efi"
    case .trial(let left, 0): "ztb_\(version)+\(left).efi"
    case .trial(let left, let done): "ztb_\(version)+\(left)-\(done).efi"
    }
  }

  /// Whether the loader counts its starts.
  public var isTrial: Bool { state != .blessed }

  /// Whether every start that it had is used up.
  public var isExhausted: Bool {
    if case .trial(0, _) = state { true } else { false }
  }

  private static func count(_ text: Substring) -> UInt8? {
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isNumber ? UInt8(text) : nil
  }
}
