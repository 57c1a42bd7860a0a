import Testing
import VRRP
import Wire

@Suite struct ComplaintTests {
  @Test("The first of a kind is told at once, the rest with their number now and then")
  func rate() {
    var complaints = Complaints()
    var told: [Int] = []
    for millisecond in 0..<61_000 {
      if let count = complaints.note("ttl", at: begin + .milliseconds(millisecond)) {
        told.append(count)
      }
    }
    #expect(told == [1, 30_000, 30_000])
    #expect(complaints.note("checksum", at: begin) == 1)
  }
}
