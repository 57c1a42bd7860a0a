import Activation
import PortalPages
import Testing

@testable import Portal

@Suite("Pieces of the pages' handlers")
struct PiecesTests {
  @Test("a parcel is taken once, by its session; the oldest of too many is dropped")
  func parcels() {
    let parcels = Parcels()
    parcels.leave(Frame.Notice(.good, "one"), for: [1])
    #expect(parcels.takeNotice([2]) == nil)
    #expect(parcels.takeNotice([1])?.text == "one")
    #expect(parcels.takeNotice([1]) == nil)
    for number in 0...Parcels.limit {
      parcels.leave(
        Frame.Notice(.info, "n"), for: [UInt8(number >> 8), UInt8(number & 255), 0])
    }
    #expect(parcels.takeNotice([0, 0, 0]) == nil)
    #expect(parcels.takeNotice([0, 1, 0]) != nil)
  }

  @Test("open pages are told which parts a change concerns")
  func topics() {
    #expect(LiveStreams.topics(of: .site(7)) == ["sites", "site:7"])
    #expect(LiveStreams.topics(of: .gateway("gw-x", site: 7)) == ["sites", "site:7"])
    #expect(LiveStreams.topics(of: .event(site: 7)) == ["site:7"])
    #expect(LiveStreams.topics(of: .templates) == ["templates"])
    #expect(LiveStreams.topics(of: .users) == ["users"])
  }

  @Test("a change of state shows the new state; other events keep their words")
  func events() {
    var event = SiteEvent(
      number: 1, time: 0, siteID: 1, gatewayName: "gw", kind: "state",
      text: "Initializing → Post-update", cause: "verified")
    #expect(EventWords.row(event).state == .postUpdate)
    #expect(EventWords.row(event).text == "from Initializing")
    event.kind = "code"
    event.text = "Activation code issued"
    #expect(EventWords.row(event).state == nil)
    #expect(EventWords.row(event).text == "Activation code issued")
  }

  @Test("a problem that no field shows is told at the top with its path")
  func unknownProblems() {
    let error = PortalError.invalid([
      .init("gateways[1].wan.vlan", "is odd"), .init("policy.rules[0]", "is odd too"),
    ])
    #expect(error.formProblems.map(\.path) == ["gateways[1].wan.vlan", ""])
    #expect(error.formProblems.map(\.subject) == ["Gateway 2, VLAN tag", "policy.rules[0]"])
  }
}
