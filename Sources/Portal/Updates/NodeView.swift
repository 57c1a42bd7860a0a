import Activation
import JSON

/// What an update sees of one gateway.
struct NodeView: Hashable {
  /// An update as the gateway tells it; ``NodeUpdate/State`` in words of the status document.
  struct NodeUpdate: Hashable {
    /// Empty before it is known.
    var version: String
    /// `downloading`, `verifying`, `writing`, `installed`, `trial`, `failed` or `returned`.
    var state: String
    /// Of the state, 0…100.
    var percent: Int
    /// Why it failed or was returned from.
    var reason: String
    /// When the gateway restarts into it by itself, RFC 3339; empty: when it is told to.
    var at: String

    /// Whether it is on its way into the slot.
    var isInstalling: Bool { ["downloading", "verifying", "writing"].contains(state) }
  }

  /// Where the portal has it.
  var state: GatewayState
  /// Why, in words.
  var cause = ""
  /// Whether its sessions are in step with the other gateway's; true for one that is alone.
  var isReady = true
  /// The version that runs; empty: not known.
  var version = ""
  /// `a` or `b`; empty where it is not the appliance's own system.
  var slot = ""
  /// Whether that version has still to prove itself.
  var isTrial = false
  /// The update under way, or the last one that failed.
  var update: NodeUpdate?
  /// When it said so, seconds since 1970; nil: not since the portal started.
  var reportedAt: Int64?

  /// Whether it is in contact, and has said what it is.
  var isHeard: Bool { reportedAt != nil && state != .disconnected }
}

extension NodeView {
  /// Reads the status document that a gateway sent last.
  ///
  /// - Parameter stored: the version that the database has, for a gateway that has said nothing.
  init(_ status: JSONValue?, _ life: LifeCycle, at: Int64?, stored: String) {
    self.init(state: life.state, cause: life.cause)
    reportedAt = status == nil ? nil : at
    let sync = status?["sync"]
    isReady = sync == nil || sync == .null || sync?["ready"]?.bool == true
    let software = status?["software"]
    version =
      (software?["version"]?.string ?? status?["appliance"]?["version"]?.string ?? stored).line(64)
    slot = (software?["slot"]?.string ?? "").line(8)
    isTrial = software?["isTrial"]?.bool ?? false
    guard let told = software?["update"], told.members != nil else { return }
    let limit = AgentServer.Limits.textCount
    update = NodeUpdate(
      version: (told["version"]?.string ?? "").line(64),
      state: (told["state"]?.string ?? "").line(32),
      percent: Int(clamping: min(100, max(0, told["percent"]?.integer ?? 0))),
      reason: (told["reason"]?.string ?? "").line(limit), at: (told["at"]?.string ?? "").line(64))
  }
}
