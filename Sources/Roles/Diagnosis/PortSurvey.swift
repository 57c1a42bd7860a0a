import Linux
import Messages
import Wire

/// Every upstream port that the product needs, one line each: open, refused or filtered.
struct PortSurvey {
  private let diagnosis: Diagnosis
  private let names: NameLookup
  private let end: Instant
  private let say: (String) -> Void

  /// A public time server; the portal gives the time where none is reached.
  private static let timeServer = "pool.ntp.org"

  init(
    _ diagnosis: Diagnosis, _ names: NameLookup, until end: Instant,
    say: @escaping (String) -> Void
  ) {
    self.diagnosis = diagnosis
    self.names = names
    self.end = end
    self.say = say
  }

  /// Whether everything is open.
  func run() -> Bool {
    // One after the other, and all of them, also after one that is not open.
    let results = [nameServers(), timeServer(), proxy()] + portalPlaces.map { portal($0.0, $0.1) }
    return results.allSatisfy { $0 }
  }

  private func limit(_ interval: Interval) -> Instant { min(end, MonotonicClock.now() + interval) }

  /// One line; whether the port is open.
  private func report(_ what: String, _ outcome: Probe.Outcome, remedy: String) -> Bool {
    switch outcome {
    case .open(let time):
      say("\(what): open (\(milliseconds(time)))")
      return true
    case .refused: say("\(what): refused; \(remedy)")
    case .silent: say("\(what): filtered; \(remedy)")
    case .unreachable(let reason): say("\(what): \(reason); check cable, VLAN and router")
    }
    return false
  }

  // MARK: What is tried

  private func nameServers() -> Bool {
    guard !diagnosis.servers.isEmpty else {
      say("DNS: no name server is set; configure the network: 2, then 1")
      return false
    }
    // Two are enough for a survey; each costs up to two seconds.
    return diagnosis.servers.prefix(2).map { server in
      let outcome: Probe.Outcome =
        switch NameLookup.ask(server, Self.timeServer, until: end) {
        case .addresses(_, let time), .noSuchName(let time): .open(time)
        case .refuses: .refused
        case .failed(let outcome): outcome
        }
      return report("UDP 53 (DNS) at \(server)", outcome, remedy: "allow UDP 53 to \(server)")
    }.allSatisfy { $0 }
  }

  private func timeServer() -> Bool {
    let what = "UDP 123 (NTP) at \(Self.timeServer)"
    guard let address = names.address(of: Self.timeServer, until: end) else {
      say("\(what): not tried, its name is not known here")
      return true
    }
    // Version 4, client (RFC 5905 7.3).
    let request = [0x23] + [UInt8](repeating: 0, count: 47)
    let outcome = Probe.exchange(
      request, with: address, 123, until: limit(Diagnosis.Limits.nameServer)
    ) { $0.count >= 48 && $0[0] & 7 == 4 }
    return report(what, outcome, remedy: "allow UDP 123; until then the portal gives the time")
  }

  private func proxy() -> Bool {
    guard let proxy = diagnosis.proxy else { return true }
    guard let address = names.address(of: proxy.host, until: end) else {
      say("TCP \(proxy.port) (web proxy): \(proxy.host) is not known to any name server")
      return false
    }
    let outcome = Probe.connect(
      address, proxy.port, until: limit(Diagnosis.Limits.connection)
    ).outcome
    return report(
      "TCP \(proxy.port) (web proxy) at \(proxy.host)", outcome,
      remedy: "check the proxy's address and port: 3")
  }

  /// The portal's two ports; which one the configuration names depends on the stage.
  private var portalPlaces: [(String, Diagnosis.Place)] {
    guard let portal = diagnosis.portal else {
      say("The portal is not known before activation; its ports were not tried.")
      return []
    }
    let host = portal.host
    switch portal.port {
    case Diagnosis.portalPort, Diagnosis.agentPort:
      return [
        ("portal", Diagnosis.Place(host: host, port: Diagnosis.portalPort)),
        ("gateways", Diagnosis.Place(host: host, port: Diagnosis.agentPort)),
      ]
    default: return [("portal", portal)]
    }
  }

  private func portal(_ name: String, _ place: Diagnosis.Place) -> Bool {
    let what = "TCP \(place.port) (\(name)) at \(place.host)"
    let remedy = "allow TCP \(place.port) to \(place.host) on the device upstream"
    if let proxy = diagnosis.proxy { return portal(what, place, through: proxy) }
    guard let address = names.address(of: place.host, until: end) else {
      say("\(what): the name is not known to any name server")
      return false
    }
    let outcome = Probe.connect(
      address, place.port, until: limit(Diagnosis.Limits.connection)
    ).outcome
    return report(what, outcome, remedy: remedy)
  }

  private func portal(
    _ what: String, _ place: Diagnosis.Place, through proxy: Diagnosis.Place
  ) -> Bool {
    guard let address = names.address(of: proxy.host, until: end) else { return false }
    let connection = Probe.connect(
      address, proxy.port, until: limit(Diagnosis.Limits.connection))
    let answer = ProxyTunnel(diagnosis.credentials).open(
      to: place, on: connection, until: limit(Diagnosis.Limits.connection))
    say("\(what) through the proxy: \(answer.words)")
    return answer.isOpen
  }
}
