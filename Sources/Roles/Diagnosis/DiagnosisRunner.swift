import Glibc
import Linux
import Messages
import Wire

/// Carries a diagnosis out, and says one line each.
struct DiagnosisRunner {
  private let diagnosis: Diagnosis
  private let end: Instant
  private let say: (String) -> Void
  private let names: NameLookup

  /// Nothing is waited for beyond `end`.
  init(_ diagnosis: Diagnosis, until end: Instant, say: @escaping (String) -> Void) {
    self.diagnosis = diagnosis
    self.end = end
    self.say = say
    names = NameLookup(servers: diagnosis.servers)
  }

  /// Whether everything answered.
  func run() -> Bool {
    switch diagnosis.kind {
    case .ping: ping()
    case .dns: resolve()
    case .proxy: tunnel()
    case .portal: diagnosis.proxy == nil ? reachPortal() : tunnel()
    case .ports: PortSurvey(diagnosis, names, until: end, say: say).run()
    }
  }

  private func fail(_ words: String) -> Bool {
    say(words)
    return false
  }

  /// The moment after which one attempt is given up.
  private func limit(_ interval: Interval) -> Instant { min(end, MonotonicClock.now() + interval) }

  private func address(of host: String) -> IPv4Address? {
    if let address = names.address(of: host, until: end) { return address }
    say(
      diagnosis.servers.isEmpty
        ? "\(host): no name server is set; configure the network: 2, then 1"
        : "\(host): no name server knows it; try 6, then 2 (DNS)")
    return nil
  }

  // MARK: Ping

  private func ping() -> Bool {
    guard let host = diagnosis.target else {
      return fail("ping: there is no default router yet; name a host")
    }
    guard let address = address(of: host) else { return false }
    var answers = 0
    for sequence in 1...4 as ClosedRange<UInt16> {
      let begun = MonotonicClock.now()
      let outcome: Probe.Outcome
      do throws(SystemError) {
        outcome = try Probe.echo(address, sequence: sequence, until: limit(Diagnosis.Limits.echo))
      } catch { return runPing(address) }
      if case .open = outcome { answers += 1 }
      say("\(address): echo \(sequence): \(outcome)")
      if sequence < 4 { pause(until: begun + Diagnosis.Limits.echo) }
    }
    say("\(address): \(answers) of 4 answered")
    return answers > 0
  }

  /// Where this process may send no echo request, the system's program may.
  private func runPing(_ address: IPv4Address) -> Bool {
    var process = ProcessSpecification(
      program: "/bin/ping", arguments: ["ping", "-n", "-c", "4", "-W", "1", "\(address)"])
    process.deathSignal = SIGKILL
    do throws(SystemError) {
      let status = try process.spawn().wait(milliseconds: 10_000)
      switch status {
      case .exited(0): return true
      case .exited(1): return fail("\(address): no answer")
      case .exited, .signalled, nil:
        return fail("\(address): this system lets nobody without privileges send echo requests")
      }
    } catch { return fail("\(address): \(error)") }
  }

  private func pause(until moment: Instant) {
    let left = (min(moment, end) - MonotonicClock.now()).nanoseconds
    if left > 0 { usleep(UInt32(clamping: left / 1_000)) }
  }

  // MARK: DNS

  private func resolve() -> Bool {
    guard let name = diagnosis.target ?? diagnosis.portal?.host else {
      return fail("dns: the portal is not known yet; give a name")
    }
    guard !diagnosis.servers.isEmpty else {
      return fail("dns: no name server is set; configure the network: 2, then 1")
    }
    var isGood = true
    for server in diagnosis.servers {
      let result = NameLookup.ask(server, name, until: end)
      if case .addresses = result {} else { isGood = false }
      say("\(server): \(words(result, name))")
    }
    return isGood
  }

  private func words(_ result: NameLookup.Result, _ name: String) -> String {
    switch result {
    case .addresses(let found, let time):
      "\(name) is \(found.map(\.description).joined(separator: ", ")) (\(milliseconds(time)))"
    case .noSuchName(let time): "\(name) does not exist (\(milliseconds(time)))"
    case .refuses(let code): "does not answer this question (code \(code)); use another server"
    case .failed(.silent): "no answer in 2 s; check the cable, the VLAN and UDP port 53"
    case .failed(let outcome): "\(outcome)"
    }
  }

  // MARK: Proxy and portal

  private func tunnel() -> Bool {
    guard let proxy = diagnosis.proxy else {
      return fail("proxy: none is set; the portal is reached directly")
    }
    guard let address = address(of: proxy.host) else { return false }
    let connection = Probe.connect(
      address, proxy.port, until: limit(Diagnosis.Limits.connection))
    say("proxy \(proxy) at \(address): \(connection.outcome)")
    guard case .open = connection.outcome else {
      return fail("Check the proxy's address and port: 3")
    }
    guard let portal = diagnosis.portal else {
      say("The portal is not known before activation; no tunnel was tried.")
      return true
    }
    let answer = ProxyTunnel(diagnosis.credentials).open(
      to: portal, on: connection, until: limit(Diagnosis.Limits.connection))
    say("tunnel to \(portal): \(answer.words)")
    return answer.isOpen
  }

  private func reachPortal() -> Bool {
    guard let portal = diagnosis.portal else {
      return fail("portal: not known before activation; it comes with the code or by DHCP")
    }
    guard let address = address(of: portal.host) else { return false }
    let connection = Probe.connect(
      address, portal.port, until: limit(Diagnosis.Limits.connection))
    say("portal \(portal) at \(address): \(connection.outcome)")
    if case .open = connection.outcome { return true }
    return fail("Allow TCP \(portal.port) to \(portal.host) on the device upstream.")
  }
}

/// `12.3 ms`.
func milliseconds(_ interval: Interval) -> String {
  let tenths = interval.nanoseconds / 100_000
  return "\(tenths / 10).\(tenths % 10) ms"
}
