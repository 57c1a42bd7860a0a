import Configuration
import Linux
import Messages
import Wire

enum HelperPrograms {
  static func wanClient(interface: String, hook: String, hostname: String, serial: String)
    -> Household.Recipe?
  { nil }
  static func managementServer(_ space: ManagementNamespace, _ directory: String)
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
  func writeSupportBundle(for client: ControlClient) {}
}
