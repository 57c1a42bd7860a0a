import Configuration
import Policy

/// What must hold for any text that is given as a document; for the fuzz target and the tests that
/// replay its corpus.
enum DocumentOracle {
  /// Most texts are no document at all. So what does not begin with `{` is taken for the members of a
  /// policy, behind its first octet, in a document that is otherwise good.
  ///
  /// - Returns: what is wrong; nil when nothing is.
  static func text(_ octets: [UInt8]) -> String? {
    guard let first = octets.first else { return nil }
    let isWhole = first == UInt8(ascii: "{")
    return judge(isWhole ? octets : before + octets.dropFirst() + after)
  }

  private static let before = Array(
    """
    {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
     "wan": {"port": "ge3", "mode": "dhcp"},
     "lan": [{"port": "ge2", "address": "10.1.0.2/24", "address6": "fd00:1::2/64"}],
     "policy": {
    """.utf8)
  private static let after = Array("}}".utf8)

  private static func judge(_ text: [UInt8]) -> String? {
    let document: ConfigurationDocument
    do throws(ConfigurationProblems) {
      document = try ConfigurationDocument(parsing: text)
    } catch {
      let isSilent = error.problems.isEmpty
      return isSilent ? "refused without a problem" : nil
    }
    let canonical = document.canonical
    // A document that does not read its own form is as wrong as one that reads another.
    if (try? ConfigurationDocument(parsing: canonical)) != document {
      return "the canonical form is another document"
    }
    _ = document.policyWarnings
    let ruleset = PolicyCompiler.compile(
      document.policy, document.policyContext(hash: [UInt8](repeating: 0, count: 32)))
    let isPlain = ruleset.text.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a }
    return isPlain ? nil : "the ruleset holds what nft might take for something else"
  }
}
