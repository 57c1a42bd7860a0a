import Configuration

/// How `ztbd supervise` was started.
struct SupervisorOptions {
  /// What is kept.
  var stateDirectory = "/var/lib/ztb"
  /// Directory of the log; nil: below ``stateDirectory``.
  var logDirectory: String?
  /// What may be lost: support bundles, downloads; nil: ``stateDirectory``.
  var dataDirectory: String?
  /// Directory with the partitions of the appliance by their names; nil: there are none.
  var slots: String?
  /// Control socket and lock.
  var runDirectory = "/run/ztb"
  /// The document that is in force at every start; nil: managed by the portal.
  var configuration: String?
  /// The model, as long as no document names it.
  var profile = Profile.all[0]
  /// Serial number; nil: the machine's own, or one made at the first start.
  var serial: String?
  /// `HOST:PORT` of the portal for codes that name none; nil: what DHCP says.
  var portal: String?
  /// Terminals that show the menu.
  var consoles: [String] = []

  /// Descriptor of the channel to the appliance's process 1; nil: not on the appliance.
  var machine: Int32?
  /// What each version wrote down of its start, a file a version.
  var bootNotesDirectory = "/cfg/boot"
  /// The key (64 hex digits) that signs software and tokens for an emergency.
  var anchorKeyPath = "/usr/lib/ztb/update.pub"
  /// The directory of the shell for an emergency, and of its tools.
  var rescueDirectory = "/usr/lib/ztb/rescue"

  /// Where the log is.
  var logPlace: String { logDirectory ?? stateDirectory + "/log" }
  /// Where large files are.
  var dataPlace: String { dataDirectory ?? stateDirectory }
  /// Whether the portal has no say.
  var isUnmanaged: Bool { configuration != nil }
}
