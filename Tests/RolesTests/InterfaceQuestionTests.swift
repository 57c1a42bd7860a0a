import Glibc
import Linux
import Testing

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct InterfaceQuestionTests {
  @Test("Presence, index and IFF_UP follow the namespace; an absent name is no question")
  func presence() throws {
    try OwnNamespace.run {
      let socket = try openSocket(AF_INET, .datagram)
      #expect(!NetworkInterface.isPresent("ge9"))
      #expect(NetworkInterface.indexIfPresent(of: "ge9") == nil)
      try OwnNamespace.makePorts("ge9")
      #expect(NetworkInterface.isPresent("ge9"))
      #expect(NetworkInterface.indexIfPresent(of: "ge9") == NetworkInterface.index(of: "ge9"))
      #expect(try !NetworkInterface.isUp("ge9", socket: socket.rawValue))
      try OwnNamespace.command("ip", "link", "set", "ge9", "up")
      #expect(try NetworkInterface.isUp("ge9", socket: socket.rawValue))
      try OwnNamespace.command("ip", "link", "del", "ge9")
      #expect(!NetworkInterface.isPresent("ge9"))
    }
  }
}
