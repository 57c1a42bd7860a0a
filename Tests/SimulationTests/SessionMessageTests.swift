import SessionSync
import Simulation
import Testing
import Wire

@Suite("Messages of the supervisors beside the sessions")
struct SessionMessageTests {
  @Test("both nodes tell what they know when they meet, whatever their roles, and news afterwards")
  func news() {
    var pair = SessionPair(seed: 5)
    pair.nodes[0].messages = [[1, 2, 3], [4]]
    pair.nodes[1].messages = [[9]]
    pair.setRole(0, .active, term: 1)
    pair.connect()
    pair.run(.milliseconds(200))
    #expect(pair.nodes[1].heardMessages == [[1, 2, 3], [4]])
    #expect(pair.nodes[0].heardMessages == [[9]])
    pair.learn([5, 6], on: 0)
    pair.learn([7], on: 1)
    pair.run(.milliseconds(100))
    #expect(pair.nodes[1].heardMessages.last == [5, 6] && pair.nodes[0].heardMessages.last == [7])
  }

  @Test("a slow link: nothing is lost or cut, and sessions follow")
  func slow() {
    var pair = SessionPair.settled(flows: (0..<50).map { Sample.tcp($0) })
    pair.bandwidth = 2_000
    let messages = (0..<40).map { Array(repeating: UInt8($0), count: Limits.messageFrame) }
    for message in messages { pair.learn(message, on: 0) }
    pair.nodes[0].kernel.carry(Sample.tcp(99), at: pair.now)
    pair.run(.seconds(6))
    #expect(pair.nodes[1].heardMessages == messages)
    #expect(pair.tablesAgree(active: 0) && pair.nodes[0].lastClose == nil)
  }

  @Test("more than is good ends the connection, and the next one begins with everything")
  func tooMuch() {
    var pair = SessionPair.settled()
    pair.bandwidth = 100
    let message = Array(repeating: UInt8(1), count: Limits.messageFrame)
    for _ in 0..<600 { pair.learn(message, on: 0) }
    pair.nodes[0].messages = [[8]]
    pair.run(.milliseconds(50))
    #expect(pair.nodes[0].lastClose == .messagesWaiting)
    pair.bandwidth = 1 << 20
    pair.run(.seconds(2))
    #expect(pair.nodes[1].heardMessages.last == [8])
  }
}
