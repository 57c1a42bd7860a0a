import Wire

/// One line that `ztb` writes to the control socket.
public struct ControlRequest: Codable, Hashable, Sendable {
  /// What is asked for.
  public enum Verb: String, Codable, Hashable, Sendable, CaseIterable {
    /// The status document.
    case status
    /// Hand the active role over to the peer.
    case switchover = "ha switchover"
    /// Stored events.
    case events
    /// Put ``ControlRequest/document`` in force.
    case configApply = "config apply"
    /// Put the policy in ``ControlRequest/document``, alone or within a whole one, in force.
    case policyApply = "policy apply"
    /// Have the kernel tell of the packets of ``ControlRequest/trace`` as they pass its rules.
    case policyTrace = "policy trace"
    /// Keep what was applied.
    case configConfirm = "config confirm"
    /// Take back what was applied and not confirmed.
    case configRollback = "config rollback"
    /// The configuration document in force.
    case configShow = "config show"
    /// Who answers: its version.
    case version
    /// What the appliance is, and how far its activation is: ``ControlAnswer/appliance``,
    /// ``ControlAnswer/activation``, ``ControlAnswer/wan``. For console and page, any time.
    case overview
    /// Set the WAN: ``ControlRequest/wan``.
    case networkConfigure = "network configure"
    /// Set the sub-interface of the WAN port: ``ControlRequest/subinterface``; nil removes it.
    case subinterfaceConfigure = "network subinterface"
    /// Set the web proxy: ``ControlRequest/proxy``; nil removes it.
    case proxyConfigure = "proxy configure"
    /// Activate with ``ControlRequest/code`` or ``ControlRequest/link``. Answers at once; progress
    /// is in `overview`.
    case activate
    /// Try the last code or link once more.
    case activateRetry = "activate retry"
    /// Every channel with its verdict: ``ControlAnswer/channels``.
    case troubleshoot = "troubleshoot connection"
    /// Run ``ControlRequest/diagnosis`` against ``ControlRequest/target``: ``ControlAnswer/lines``.
    case diagnose
    /// Check ``ControlRequest/password`` (console login).
    case login
    /// Replace ``ControlRequest/oldPassword`` by ``ControlRequest/password``.
    case setPassword = "password"
    /// Write a support bundle; ``ControlAnswer/text`` names the file.
    case supportBundle = "support-bundle"
    /// Leave every role and start again.
    case restart
    /// Reboot the machine; where the supervisor is not the appliance's own, the same as `restart`.
    case reboot
    /// Stop, and power the machine off where the supervisor is the appliance's own.
    case powerOff = "power-off"
    /// Forget everything but the serial number, and start as out of the carton.
    case factoryReset = "factory-reset"
    /// From the hook of the DHCP client: ``ControlRequest/lease``.
    case lease = "wan lease"
    /// Leave the pair for maintenance, until `resume`.
    case suspend = "ha suspend"
    /// Move the role to the peer and back, and measure both: ``ControlAnswer/drill``. With
    /// ``ControlRequest/dryRun`` only whether it would be refused.
    case drill = "ha drill"
    /// A shell on the terminal of the console that asks, for ``ControlRequest/token``.
    case emergencyShell = "emergency shell"
    /// Take part in the pair again.
    case resume = "ha resume"
    /// Install the software at ``ControlRequest/source``; the restart into it is at
    /// ``ControlRequest/at``, or when `update activate` is asked for. Answers at once; progress is
    /// in the status document.
    case updateInstall = "update install"
    /// Restart into the software that was installed.
    case updateActivate = "update activate"
    /// Restart into it at ``ControlRequest/at``.
    case updateDelay = "update delay"
    /// Give up an update that was not started yet.
    case updateCancel = "update cancel"
    /// Restart into the version before.
    case updateReturn = "update return"
    /// Which host of a LAN has which address: ``ControlAnswer/leases``.
    case leases
  }

  /// What `diagnose` can do.
  public enum Diagnosis: String, Codable, Hashable, Sendable, CaseIterable {
    /// Four echo requests to a host.
    case ping
    /// Resolve a name by each name server in turn.
    case dns
    /// Open a tunnel through the proxy to the portal.
    case proxy
    /// Reach the portal and look at its certificate.
    case portal
    /// Every upstream port that the product needs.
    case ports
  }

  /// What is asked for.
  public var verb: Verb
  /// The configuration document or policy to apply, as it was read.
  public var document: String?
  /// Seconds, 1…86 400, after which an unconfirmed change is taken back; nil: keep it at once.
  public var confirmWithinSeconds: Int?
  /// What has to be there for an unconfirmed change to be kept; only with
  /// ``ControlRequest/confirmWithinSeconds``.
  public var canaries: [Canary]?
  /// Whether a policy is put in force on the other node, too, and first.
  public var bothNodes: Bool?
  /// Which packets are followed.
  public var trace: TraceParameters?
  /// Events with a number above this one only.
  public var after: Int64?
  /// Most events wanted.
  public var limit: Int?

  /// The WAN to set.
  public var wan: WANParameters?
  /// The sub-interface to set.
  public var subinterface: SubinterfaceParameters?
  /// The proxy to set.
  public var proxy: ProxyParameters?
  /// An activation code, as it was typed; `CODE@host:port` names another portal.
  public var code: String?
  /// An activation link, whole or from `ZTB1.` on.
  public var link: String?
  /// What to diagnose.
  public var diagnosis: Diagnosis?
  /// Host or name to diagnose; nil: what the configuration names.
  public var target: String?
  /// A password.
  public var password: String?
  /// The password that it replaces.
  public var oldPassword: String?
  /// A token for an emergency, from support.
  public var token: String?
  /// Where software is: a path, `http://…`, `https://…` or `portal:VERSION`.
  public var source: String?
  /// A time of day, `HH:MM`, UTC.
  public var at: String?
  /// Whether a drill only says what it would do.
  public var dryRun: Bool?
  /// What the DHCP client reports: its environment, such as `ip`, `mask`, `router`, `dns`.
  public var lease: [String: String]?

  /// A request without parameters.
  public init(_ verb: Verb) { self.verb = verb }
}

/// ``PacketTrace`` as the CLI writes it.
public struct TraceParameters: Codable, Hashable, Sendable {
  /// Chosen by whoever asks.
  public var number: UInt32
  /// Address of the sender.
  public var from: String
  /// Address of the receiver, of the same family.
  public var to: String
  /// IP protocol number.
  public var protocolNumber: UInt8
  /// Destination port; 0 where the protocol has none.
  public var port: UInt16
  /// Within ``PacketTrace/seconds``.
  public var seconds: Int

  /// The words of a trace.
  public init(_ trace: PacketTrace) {
    number = trace.number
    from = "\(trace.source)"
    to = "\(trace.destination)"
    protocolNumber = trace.protocolNumber
    port = trace.port
    seconds = Int(trace.duration)
  }

  /// The trace; throws a sentence where the words are none.
  public var trace: PacketTrace {
    get throws(TraceProblem) {
      guard let source = IPAddress(from), let destination = IPAddress(to),
        source.family == destination.family
      else { throw TraceProblem(description: "from and to are not two addresses of one family") }
      let range = PacketTrace.seconds
      guard let duration = UInt16(exactly: seconds), range.contains(duration) else {
        throw TraceProblem(
          description: "\(seconds) s is not in \(range.lowerBound)…\(range.upperBound)")
      }
      return PacketTrace(
        number: number, source: source, destination: destination, protocolNumber: protocolNumber,
        port: port, duration: duration)
    }
  }
}

/// Why no packets are followed.
public struct TraceProblem: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String
}

/// One line that the supervisor writes back.
public struct ControlAnswer: Codable, Hashable, Sendable {
  /// Whether it was done.
  public var done: Bool
  /// What was done; when refused, what, why and the remedy. One line, or one a problem.
  public var text: String
  /// The status document.
  public var status: StatusDocument?
  /// Events, oldest first.
  public var events: [EventRecord]?
  /// The configuration document, canonical JSON.
  public var document: String?
  /// How far the activation is.
  public var activation: ActivationStatus?
  /// The WAN.
  public var wan: WANStatus?
  /// What the appliance is.
  public var appliance: ApplianceStatus?
  /// The portal.
  public var controller: ControllerStatus?
  /// Channels with their verdicts.
  public var channels: [ChannelReport]?
  /// Lines of a diagnosis.
  public var lines: [String]?
  /// What a drill found out.
  public var drill: DrillReport?
  /// The addresses that hosts have, by address.
  public var leases: [LeaseRecord]?

  /// An answer of words only.
  public init(done: Bool, _ text: String) {
    self.done = done
    self.text = text
  }
}

/// A stored event as the CLI and the portal see it.
public struct EventRecord: Codable, Hashable, Sendable {
  /// Grows by one.
  public var number: Int64
  /// RFC 3339, UTC, milliseconds.
  public var time: String
  /// Stable word, such as `ha.role`.
  public var kind: String
  /// What happened.
  public var text: String
  /// Why; empty when there is nothing to add.
  public var cause: String

  /// Joins the parts.
  public init(number: Int64, time: String, kind: String, text: String, cause: String) {
    self.number = number
    self.time = time
    self.kind = kind
    self.text = text
    self.cause = cause
  }
}
