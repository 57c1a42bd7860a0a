import Configuration
import Linux
import Messages
import Wire

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
