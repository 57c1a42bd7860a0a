import Messages
import Testing
import Wire

@testable import HARoles

@Suite struct AddressProbeTests {
  private func ms(_ count: Int) -> Instant { Instant.zero + .milliseconds(count) }

  @Test("departure: from the end of answers to the first of the other, one question a millisecond")
  func departure() {
    var probe = AddressProbe()
    let home = probe.look(isUp: true, answers: true, at: ms(0))
    #expect(!home.asks && home.report == nil)
    // The interface itself goes down later.
    let looks = (1...3).map { probe.look(isUp: $0 < 3, answers: false, at: ms($0)) }
    #expect(looks.allSatisfy { $0.asks && $0.report == nil })
    let report = probe.answered(at: ms(4))
    // Asked at 1, 2 and 3; the last is the one that was answered.
    #expect(report == ProbeReport(isArrival: false, outage: .milliseconds(3), lost: 2))
    let again = probe.answered(at: ms(5))
    #expect(again == nil)
  }

  @Test("while the other node answers, a tenth of the questions")
  func pace() {
    var probe = AddressProbe()
    _ = probe.look(isUp: true, answers: true, at: ms(0))
    _ = probe.look(isUp: false, answers: false, at: ms(1))
    _ = probe.answered(at: ms(2))
    let asked = (2...101).filter { probe.look(isUp: false, answers: false, at: ms($0)).asks }.count
    #expect(asked == 10)
  }

  @Test("arrival: from the last answer of the other node to the interface going up")
  func arrival() {
    var probe = AddressProbe()
    _ = probe.look(isUp: true, answers: true, at: ms(0))
    _ = probe.look(isUp: false, answers: false, at: ms(1))
    _ = probe.answered(at: ms(2))
    let first = probe.look(isUp: false, answers: false, at: ms(11))
    _ = probe.answered(at: ms(12))
    let second = probe.look(isUp: false, answers: false, at: ms(21))
    #expect(first.asks && second.asks)
    let report = probe.look(isUp: true, answers: true, at: ms(24)).report
    #expect(report == ProbeReport(isArrival: true, outage: .milliseconds(12), lost: 1))
    let later = probe.look(isUp: true, answers: true, at: ms(25)).report
    #expect(later == nil)
  }

  @Test("one that begins on the standby has nothing to tell before the address has come and gone")
  func standby() {
    var probe = AddressProbe()
    let asks = probe.look(isUp: false, answers: false, at: ms(0)).asks
    let report = probe.answered(at: ms(1))
    #expect(asks && report == nil)
  }

  @Test("RFC 826: a question in 28 octets, read back; anything else is none")
  func message() {
    let question = ARPMessage(
      .request, from: MACAddress(0x0200_0000_0001), IPv4Address(10, 1, 0, 2),
      to: .virtualRouterIPv4(77), IPv4Address(10, 1, 0, 1))
    let octets: [UInt8] = [
      0, 1, 8, 0, 6, 4, 0, 1,  // Ethernet, IPv4, request
      2, 0, 0, 0, 0, 1, 10, 1, 0, 2,  // who asks
      0, 0, 0x5e, 0, 1, 77, 10, 1, 0, 1,  // whom, for what
    ]
    #expect(question.octets == octets)
    #expect(ARPMessage(parsing: octets + [0, 0, 0]) == question)
    for count in 0..<28 { #expect(ARPMessage(parsing: Array(octets.prefix(count))) == nil) }
    for index in 0..<8 {
      var wrong = octets
      wrong[index] = 0xee
      #expect(ARPMessage(parsing: wrong) == nil)
    }
  }
}
