import CLinux
public import Linux
public import Wire

/// Asks whether a DHCP server answers on a port, before one of ours does: two servers on one
/// network would hand out addresses that do not work.
///
/// For a loop: ``ask()`` now and then, ``answer()`` when ``descriptor`` is readable. Most servers
/// answer at once; one that first looks whether the address is free (dnsmasq unless it is
/// authoritative) takes up to three seconds, so that a probe is worth keeping for a while after
/// our own server has started.
public final class DHCPProbe {
  private let socket: PacketSocket
  private let mac: MACAddress
  /// The low octets differ from box to box and from probe to probe.
  private let transaction = UInt32.random(in: 1...UInt32.max)

  /// Opens the probe on an interface of this namespace. Needs `NET_RAW`.
  init(port: String) throws(SystemError) {
    socket = try PacketSocket(port: port, etherType: UInt16(ETH_P_IP))
    mac = try NetworkInterface.macAddress(port, socket: socket.descriptor)
  }

  /// Readable when something came that may be an answer.
  public var descriptor: Int32 { socket.descriptor }

  /// Sends the questions. Throws `ENETDOWN` where the port is not up.
  public func ask() throws(SystemError) {
    // The request first: a server that looks for a free address answers nothing else meanwhile.
    for question in [DHCPMessage.Question.request, .discover] {
      try socket.send(
        DHCPMessage.packet(question, transaction: transaction, from: mac), to: .broadcast)
    }
  }

  /// The server that has answered; nil when none has so far.
  public func answer() throws(SystemError) -> IPv4Address? {
    while let packet = try socket.receive() {
      if let server = DHCPMessage.server(answering: transaction, in: packet) { return server }
    }
    return nil
  }
}
