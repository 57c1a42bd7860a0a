import Messages

/// The menus. Numbers are for ever: new items are added behind, none is renumbered.
enum Menu {
  case main, activate, configure, diagnostics, update

  /// One line of a menu.
  struct Item {
    let key: String
    let label: String
    let choice: Choice
  }

  /// What an item leads to.
  enum Choice {
    case menu(Menu)
    case entry(Entry)
    case logOut
  }

  /// The items, in the order of the screen.
  func items(_ overview: Overview) -> [Item] {
    switch self {
    case .main: Self.main(overview)
    case .activate: Self.activate(overview)
    case .configure: Self.configuration
    case .diagnostics: Self.diagnoses(overview)
    case .update: Self.updates
    }
  }

  private static func main(_ overview: Overview) -> [Item] {
    var items = [
      Item(key: "1", label: "Activate Gateway", choice: .menu(.activate)),
      Item(key: "2", label: "Configure Gateway", choice: .menu(.configure)),
      Item(key: "3", label: "Configure Web Proxy", choice: .entry(.proxy)),
      Item(key: "4", label: "Change Administrator Password", choice: .entry(.password)),
      Item(key: "5", label: "Status", choice: .entry(.status)),
      Item(key: "6", label: "Diagnostics", choice: .menu(.diagnostics)),
      Item(key: "7", label: "Support bundle", choice: .entry(.supportBundle)),
      Item(key: "8", label: "Reboot", choice: .entry(.reboot)),
      Item(key: "9", label: "Power off", choice: .entry(.powerOff)),
      Item(key: "10", label: "Factory reset", choice: .entry(.factoryReset)),
      Item(key: "11", label: "Software update", choice: .menu(.update)),
      Item(key: "0", label: "Log out", choice: .logOut),
    ]
    if overview.hasUnconfirmedChange {
      items.append(Item(key: "c", label: "Confirm the change", choice: .entry(.pendingChange)))
    }
    return items
  }

  private static func activate(_ overview: Overview) -> [Item] {
    var items = [
      Item(key: "1", label: "Activate Airgap Gateway", choice: .entry(.code)),
      Item(key: "2", label: "Main Menu", choice: .menu(.main)),
    ]
    if overview.activation?.canRetry == true {
      items.append(Item(key: "3", label: "Try again", choice: .entry(.retry)))
    }
    return items
  }

  private static let configuration = [
    Item(key: "1", label: "Configure Network", choice: .entry(.network)),
    Item(key: "2", label: "Configure Subinterface", choice: .entry(.subinterface)),
    Item(key: "3", label: "Configure Web Proxy", choice: .entry(.proxy)),
    Item(key: "4", label: "Main Menu", choice: .menu(.main)),
  ]

  private static let updates = [
    Item(key: "1", label: "Versions and progress", choice: .entry(.software)),
    Item(key: "2", label: "Install from a URL", choice: .entry(.install)),
    Item(key: "3", label: "Delay the start", choice: .entry(.delay)),
    Item(key: "4", label: "Restart into the new version", choice: .entry(.startNew)),
    Item(key: "5", label: "Return to the previous version", choice: .entry(.startPrevious)),
    Item(key: "6", label: "Main Menu", choice: .menu(.main)),
  ]

  private static func diagnoses(_ overview: Overview) -> [Item] {
    var items = [
      Item(key: "1", label: "Ping", choice: .entry(.ping)),
      Item(key: "2", label: "DNS", choice: .entry(.dns)),
      Item(key: "3", label: "Proxy", choice: .entry(.proxyPath)),
      Item(key: "4", label: "Portal", choice: .entry(.portal)),
      Item(key: "5", label: "Open ports", choice: .entry(.ports)),
      Item(key: "6", label: "Main Menu", choice: .menu(.main)),
    ]
    if overview.appliance?.hasEmergencyShell == true {
      items.append(
        Item(
          key: "7", label: "Emergency shell (needs a token from support)",
          choice: .entry(.emergencyShell)))
    }
    return items
  }
}

/// What does something, instead of leading to another menu.
enum Entry {
  case code, retry, network, subinterface, proxy, password, status, ping, dns, proxyPath, portal
  case ports, supportBundle, reboot, powerOff, factoryReset, pendingChange, emergencyShell
  case software, install, delay, startNew, startPrevious

  /// The dialogue, with the present settings as its defaults.
  func dialogue(_ overview: Overview) -> any Dialogue {
    switch self {
    case .code: CodeDialogue(overview)
    case .retry: RetryDialogue()
    case .network: NetworkDialogue(overview)
    case .subinterface: SubinterfaceDialogue(overview)
    case .proxy: ProxyDialogue(overview)
    case .password: PasswordDialogue(overview)
    case .status:
      RequestDialogue(ControlRequest(.overview), saying: []) {
        StatusScreen.lines(Overview($0))
      }
    case .ping:
      TargetDialogue(.ping, "Host to ping", preset: overview.wan?.gateway ?? "")
    case .dns: TargetDialogue(.dns, "Name to resolve", preset: Self.name(overview))
    case .proxyPath: DiagnosisDialogue(.proxy)
    case .portal: DiagnosisDialogue(.portal)
    case .ports: DiagnosisDialogue(.ports)
    case .supportBundle:
      RequestDialogue(ControlRequest(.supportBundle), saying: ["Writing ..."]) {
        [$0.text.isEmpty ? "Not written in time; try again." : "Written: \($0.text)"]
      }
    case .reboot: SureDialogue("Reboot now?", .reboot)
    case .powerOff: SureDialogue("Power off now?", .powerOff)
    case .factoryReset: FactoryResetDialogue(overview)
    case .emergencyShell: EmergencyDialogue(overview)
    case .software: SoftwareScreen.dialogue()
    case .install: InstallDialogue()
    case .delay: DelayDialogue()
    case .startNew: SureDialogue("Restart into the new version now?", .updateActivate)
    case .startPrevious: SureDialogue("Restart into the previous version now?", .updateReturn)
    case .pendingChange: ChangeDialogue(pending: "The change is kept.")
    }
  }

  /// A name worth resolving: the portal's, else the proxy's.
  private static func name(_ overview: Overview) -> String {
    let url = overview.controller?.url ?? ""
    let place = url.split(separator: "/").dropFirst().first ?? ""
    let host = place.split(separator: ":").first.map { String($0) }
    return [host, overview.wan?.proxy?.host].compactMap { $0 }.first ?? ""
  }
}
