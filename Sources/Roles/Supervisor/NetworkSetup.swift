import Configuration
import Messages

/// The node's interfaces, addresses and routes, as the supervisor has them made and removed.
enum NetworkSetup {
  /// Makes everything that the document asks for; returns what could not be made, a sentence each.
  static func apply(_ document: ConfigurationDocument) -> [String] { [] }

  /// Removes everything that ``apply(_:)`` made; returns what could not be removed.
  static func remove(_ document: ConfigurationDocument) -> [String] { [] }

  /// Removes what a killed predecessor made and did not remove.
  static func removeLeftovers(_ log: LogWriter) {}
}
