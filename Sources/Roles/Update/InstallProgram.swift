import Glibc
import Linux
import Update
import Wire

/// `ztbd install-update`: checks a bundle and writes it into the other slot.
public enum InstallProgram {
  /// What `--help` prints.
  public static let help = """
    usage: ztbd install-update --bundle FILE --slots DIR --esp DIR --slot a|b
                               --version V --profile NAME --key HEX [--wanted V]
                               [--parked]

    Checks the update bundle FILE (- for standard input) and writes it into a slot.
    Started by the supervisor, which mounts the EFI system partition before.

      --slots DIR     directory with root-a, verity-a, root-b, verity-b
      --esp DIR       where the EFI system partition is mounted
      --slot a|b      the slot to write: the one that does not run
      --version V     the version that runs
      --profile NAME  the model
      --key HEX       the manufacturer's Ed25519 key, 64 digits
      --wanted V      refuse a bundle of any other version
      --parked        the loader does not start it before it is activated

    Lines: verifying PERCENT, writing PERCENT; last: installed VERSION, or
    refused WHY. Whatever ends it, the running version stays what is started.
    Exit status: 0 installed, 1 refused, 2 usage.

    """

  /// Runs with the arguments behind `install-update`; returns the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    if arguments.contains("--help") {
      say(help.dropLast())
      return 0
    }
    guard let (parsed, bundle) = parse(arguments) else {
      say(help.dropLast())
      return 2
    }
    _ = signal(SIGPIPE, SIG_IGN)
    umask(0o077)
    // The gateway's own work comes first.
    _ = nice(10)
    var installation = parsed
    installation.report = { progress in
      switch progress {
      case .verifying(let percent): say("verifying \(percent)")
      case .writing(let percent): say("writing \(percent)")
      }
    }
    do {
      // Before anything that others made is read.
      try SystemCallFilter.install()
      let version: SoftwareVersion
      if bundle == "-" {
        version = try installation.install(from: STDIN_FILENO)
      } else {
        let file = try Descriptor.open(bundle, O_RDONLY)
        version = try installation.install(from: file.rawValue)
        withExtendedLifetime(file) {}
      }
      say("installed \(version)")
      return 0
    } catch {
      say("refused \(error)".split(separator: "\n").joined(separator: "; ")[...])
      return 1
    }
  }

  private static func parse(_ arguments: [String]) -> (SlotInstallation, bundle: String)? {
    var values: [String: String] = [:]
    var isParked = false
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--parked" {
        isParked = true
        continue
      }
      guard let value = rest.popFirst(), values.updateValue(value, forKey: option) == nil else {
        return nil
      }
    }
    let known: Set = [
      "--bundle", "--slots", "--esp", "--slot", "--version", "--profile", "--key", "--wanted",
    ]
    let wanted = values["--wanted"].map { SoftwareVersion($0) }
    guard known.isSuperset(of: values.keys), let bundle = values["--bundle"],
      let slots = values["--slots"], let esp = values["--esp"], let slot = values["--slot"],
      ["a", "b"].contains(slot), let version = values["--version"].flatMap({ SoftwareVersion($0) }),
      let profile = values["--profile"], let key = values["--key"].flatMap(AnchorKey.octets),
      wanted != .some(nil)
    else { return nil }
    let place = InstallPlace(
      slots: slots, partition: esp, slot: slot, running: version, profile: profile)
    var installation = SlotInstallation(place: place, key: key, wanted: wanted ?? nil)
    if isParked { installation.state = .trial(left: 0, done: 0) }
    return (installation, bundle)
  }

  /// One line, at once.
  private static func say(_ text: Substring) {
    let octets = Array((text + "\n").utf8)
    // Nobody is left to tell when standard output is gone.
    _ = unsafe write(STDOUT_FILENO, octets, octets.count)
  }

  private static func say(_ text: String) { say(text[...]) }
}

/// The manufacturer's key, as it stands in a file or on a command line.
enum AnchorKey {
  /// Reads 64 hexadecimal digits; nil for anything else.
  static func octets(_ text: String) -> [UInt8]? { Hexadecimal.octets(text, count: 32) }
}
