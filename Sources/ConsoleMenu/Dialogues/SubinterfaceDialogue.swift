import Messages
import Wire

/// `Configure Subinterface`: the one tagged network beside the WAN's own.
struct SubinterfaceDialogue: Dialogue {
  private enum Step { case remove, use, vlan, address, apply }

  private let port: String
  private let present: SubinterfaceParameters?
  private let main: WANParameters?
  private let mainAddress: IPv4Prefix?
  private var step: Step
  private var vlan = 0
  private var wanted: SubinterfaceParameters?

  init(_ overview: Overview) {
    port = overview.port
    present = overview.wan?.subinterface
    main = overview.wan?.settings
    mainAddress = overview.wan?.address.flatMap { IPv4Prefix($0) }
    step = present == nil ? .use : .remove
  }

  var question: Question {
    switch step {
    case .remove: .yesOrNo("Remove it?", false)
    case .use: .yesOrNo("Add a subinterface to \(port)?", false)
    case .vlan:
      Question("VLAN tag", .takes(""), help: "1 to 4094, as your provider gave it.")
    case .address:
      Question(
        "IP address/prefix", .takes(""), help: "The address in that VLAN, such as 198.51.100.2/24.")
    case .apply: .yesOrNo("Apply?", true)
    }
  }

  mutating func begin() -> Turn {
    guard let present else {
      return .ask(saying: ["Activation and management use \(port) itself, not the subinterface."])
    }
    return .ask(saying: [
      "\(port) has the subinterface VLAN \(present.vlan), \(present.address).",
      "One subinterface is supported; remove it to make another.",
    ])
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    switch step {
    case .remove, .use:
      guard try Check.yesOrNo(text) else { return .leave(["Nothing was changed."]) }
      step = step == .use ? .vlan : .apply
      return .ask(saying: step == .apply ? ["\(port): no subinterface"] : [])
    case .vlan:
      vlan = try Check.vlan(text)
      guard vlan != main?.vlan else {
        throw Reason("VLAN \(vlan) is that of \(port) itself; the subinterface needs another.")
      }
      step = .address
      return .ask()
    case .address:
      let prefix = try Check.prefix(text)
      if let mainAddress, mainAddress.overlaps(prefix) {
        throw Reason("\(prefix.network) is the network of \(port) itself; it needs another.")
      }
      wanted = SubinterfaceParameters(vlan: vlan, address: prefix.description)
      step = .apply
      return .ask(saying: ["\(port): subinterface VLAN \(vlan), \(prefix)"])
    case .apply:
      guard try Check.yesOrNo(text) else { return .leave(["Nothing was changed."]) }
      var request = ControlRequest(.subinterfaceConfigure)
      request.subinterface = wanted
      return .become(
        ChangeDialogue(
          request, done: wanted == nil ? "Subinterface removed." : "Subinterface configured."),
        saying: ["Applying ..."])
    }
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }
}
