import JSON
import Policy

/// A policy as somebody wrote it, by itself or within a whole document; not checked.
public struct PolicyText: Sendable {
  /// Whether it came within a whole document, of which nothing else is looked at.
  public let isWithinDocument: Bool
  /// Nil where the document has none.
  fileprivate let value: JSONValue?

  /// Reads either form; the policy of a document is behind its key. Throws what is no JSON.
  public init(parsing text: [UInt8]) throws(ConfigurationProblems) {
    let value = try JSONValue(document: text)
    isWithinDocument = value["policy"] != nil || value["gateway"] != nil
    self.value = isWithinDocument ? value["policy"] : value
  }
}

extension ConfigurationDocument {
  /// This document with another policy; the paths of problems begin with `policy`.
  public func replacing(
    policy: PolicyText
  ) throws(ConfigurationProblems) -> ConfigurationDocument {
    try replacing("policy", by: policy.value)
  }

  /// What is wrong with this policy where `other` comes before it: sessions that another policy of the
  /// same epoch has judged would not be judged again. `words` say what `other` is, `is in force`.
  public func versionProblem(
    after other: ConfigurationDocument, which words: String
  ) -> ConfigurationProblems? {
    guard other.policy.epoch == policy.epoch, other.policyCanonical != policyCanonical else {
      return nil
    }
    let message =
      "\(policy.version) has the epoch of \(other.policy.version), which \(words) with other rules; "
      + "raise it, so that live sessions are judged again"
    return ConfigurationProblems(problems: [.init(path: "policy.version", message: message)])
  }
}
