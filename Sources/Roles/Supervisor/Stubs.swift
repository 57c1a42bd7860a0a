import Configuration
import Linux
import Messages
import Wire

final class ManagementNamespace {
  static let address = "192.168.0.1"
}
enum HelperPrograms {
  static func wanClient(interface: String, hook: String, hostname: String, serial: String)
    -> Household.Recipe?
  { nil }
}
enum ResolverFile {
  static func write(_ path: String, servers: [IPv4Address]) throws(SystemError) {}
}
extension WANLease {
  init(environment: [String: String]) throws { fatalError("stub") }
}
enum Diagnosis {
  static func specification(
    _ kind: ControlRequest.Diagnosis, target: String?, wan: WANSettings, servers: [IPv4Address],
    portal: String?
  ) -> ProcessSpecification {
    ProcessSpecification(arguments: ["ztbd", "diagnose", kind.rawValue])
  }
}
extension Supervisor {
  func openManagement() {}
  func writeSupportBundle(for client: ControlClient) {}
}
