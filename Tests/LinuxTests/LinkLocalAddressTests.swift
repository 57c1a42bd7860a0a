import Testing
import Wire

@testable import Linux

@Suite struct LinkLocalAddressTests {
  @Test("RFC 4862 5.4: a link-local address counts when it is no longer tentative and no duplicate")
  func table() {
    let table = """
      00000000000000000000000000000001 01 80 10 80       lo
      20010db8000000000000000000000002 02 40 00 80      ge2
      fe800000000000000000000000000001 02 40 20 c0      ge2
      fe800000000000000000000000000002 02 40 20 88      ge2
      fe800000000000000000000000000003 02 40 20 80      ge2
      fe800000000000000000000000000004 03 40 20 80      ge3

      """
    let found = NetworkInterface.linkLocalAddress(of: "ge2", in: table)
    #expect(found == IPv6Address("fe80::3"))
    #expect(NetworkInterface.linkLocalAddress(of: "ge", in: table) == nil)
    #expect(NetworkInterface.linkLocalAddress(of: "lo", in: table) == nil)
    #expect(NetworkInterface.linkLocalAddress(of: "ge2", in: "torn fe80") == nil)
  }
}
