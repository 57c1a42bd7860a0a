import CLinux
import Glibc
import Linux
import Wire

/// Asks who has the virtual addresses every 20 ms and watches by which switch port the answers come
/// in: both nodes answer with the same virtual MAC, so only the port tells them apart.
///
/// Runs in the switches' host. `gapMs` is the longest time that two ports answered for one address,
/// `stallsMs` the longest time without any answer per address, `lost` the rounds answered twice.
final class ARPWatch: Load {
  /// Answers to the questions about one address.
  private struct Watched {
    let port: Port
    let address: IPv4Address
    let asker: IPv4Address
    var answers: Set<Node> = []
    var bothSince: Instant?
    var noneSince: Instant?
    var longestBoth = Interval.zero
    var longestNone = Interval.zero
    var roundsBoth = 0
  }

  private let socket: Descriptor
  private var watched = [
    Watched(port: .lan, address: Plan.lanVirtual, asker: IPv4Address(10, 1, 0, 250)),
    Watched(port: .wan, address: Plan.wanVirtual, asker: IPv4Address(203, 0, 113, 250)),
  ]
  private var names: [Int32: String] = [:]
  private var ticker: Ticker?
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    socket = try Sockets.packet(ETH_P_ARP)
    try reactor.add(socket.rawValue) { [unowned self] _ in receive() }
    ticker = try Ticker(reactor, every: .milliseconds(20)) { [unowned self] now in
      for index in watched.indices {
        settle(index, now)
        ask(watched[index])
      }
    }
  }

  func mark(at now: Instant) {
    for index in watched.indices {
      watched[index].longestBoth = .zero
      watched[index].longestNone = .zero
      watched[index].roundsBoth = 0
      watched[index].noneSince = nil
    }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = watched.count
    for item in watched {
      let none = max(item.longestNone, item.noneSince.map { now - $0 } ?? .zero)
      let both = max(item.longestBoth, item.bothSince.map { now - $0 } ?? .zero)
      report.gapMs = max(report.gapMs, both.milliseconds)
      report.stallsMs.append(none.milliseconds)
      report.lost += item.roundsBoth
      if item.noneSince == nil { report.alive += 1 }
    }
    return report
  }

  /// Judges the round that ends now.
  private func settle(_ index: Int, _ now: Instant) {
    let count = watched[index].answers.count
    watched[index].answers = []
    if count == 2 {
      watched[index].bothSince = watched[index].bothSince ?? now - .milliseconds(20)
      watched[index].roundsBoth += 1
    } else if let since = watched[index].bothSince {
      watched[index].longestBoth = max(watched[index].longestBoth, now - since)
      watched[index].bothSince = nil
    }
    if count == 0 {
      watched[index].noneSince = watched[index].noneSince ?? now - .milliseconds(20)
    } else if let since = watched[index].noneSince {
      watched[index].longestNone = max(watched[index].longestNone, now - since)
      watched[index].noneSince = nil
    }
  }

  private func ask(_ item: Watched) {
    guard let bridge = NetworkInterface.index(of: item.port.bridge(.a)) else { return }
    // An address of our own: the nodes' caches must not learn anything about real hosts.
    let source = MACAddress(0x0200_0000_fa00 | UInt64(item.port.rawValue))
    var writer = ByteWriter(capacity: 42)
    writer.octets(MACAddress.broadcast.octets + source.octets)
    for word: UInt16 in [UInt16(ETH_P_ARP), 1, 0x0800, 0x0604, 1] { writer.uint16(word) }
    writer.octets(source.octets + item.asker.octets)
    writer.octets([0, 0, 0, 0, 0, 0] + item.address.octets)
    Sockets.sendFrame(socket, writer.bytes, interface: bridge)
  }

  private func receive() {
    while let frame = Sockets.receiveFrame(socket, into: &buffer) {
      guard frame.count >= 42, !frame.outgoing, let name = name(of: frame.interface) else {
        continue
      }
      let sender = IPv4Address(buffer[28], buffer[29], buffer[30], buffer[31])
      let isReply = buffer[21] == 2
      for index in watched.indices where watched[index].address == sender && isReply {
        let port = watched[index].port
        if let node = Node.allCases.first(where: { port.switchPort($0) == name }) {
          watched[index].answers.insert(node)
        }
      }
    }
  }

  /// The name of a switch port; ports come and go with the nodes, numbers are never used again.
  private func name(of index: Int32) -> String? {
    if let known = names[index] { return known }
    var text = [CChar](repeating: 0, count: Int(IFNAMSIZ))
    guard unsafe if_indextoname(UInt32(index), &text) != nil else { return nil }
    let name = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    names[index] = name
    return name
  }
}
