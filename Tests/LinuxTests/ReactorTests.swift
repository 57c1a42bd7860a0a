import CLinux
import Glibc
import Linux
import Testing
import Wire

@Test("timers expire in the order of their deadlines, and one in the past at once")
func timerOrder() throws {
  let reactor = try Reactor()
  var order: [String] = []
  let now = MonotonicClock.now()
  let late = try DeadlineTimer(reactor) {
    order.append("late")
    reactor.stop()
  }
  let early = try DeadlineTimer(reactor) { order.append("early") }
  let past = try DeadlineTimer(reactor) { order.append("past") }
  late.arm(at: now + .milliseconds(20))
  early.arm(at: now + .milliseconds(5))
  past.arm(at: .zero)
  try reactor.run()
  #expect(order == ["past", "early", "late"])
  #expect(MonotonicClock.now() - now >= .milliseconds(20))
}

@Test("a timer that is cleared does not expire; a moved one expires once")
func timerMoves() throws {
  let reactor = try Reactor()
  var count = 0
  let cleared = try DeadlineTimer(reactor) { count += 100 }
  let moved = try DeadlineTimer(reactor) {
    count += 1
    reactor.stop()
  }
  cleared.arm(at: MonotonicClock.now() + .milliseconds(1))
  cleared.arm(at: nil)
  moved.arm(at: MonotonicClock.now() + .seconds(100))
  moved.arm(at: MonotonicClock.now() + .milliseconds(5))
  try reactor.run()
  #expect(count == 1)
}

@Test("a handler may remove another descriptor that is ready in the same wake-up")
func removeWhileReady() throws {
  let reactor = try Reactor()
  let pair = try PacketChannel.pair()
  let first = try PacketChannel(owning: pair.first)
  let second = try PacketChannel(owning: pair.second)
  #expect(try first.send([1]) && second.send([2]))
  var calls = 0
  let numbers = [first.rawValue, second.rawValue]
  for number in numbers {
    try reactor.add(number) { _ in
      calls += 1
      for each in numbers { reactor.remove(each) }
    }
  }
  try reactor.turn(timeoutMilliseconds: 1_000)
  #expect(calls == 1)
}

@Test("what runs after the events sees all of them")
func afterEvents() throws {
  let reactor = try Reactor()
  let pair = try PacketChannel.pair()
  let first = try PacketChannel(owning: pair.first)
  let second = try PacketChannel(owning: pair.second)
  #expect(try first.send([1]) && second.send([2]))
  var seen = 0
  var picture: [Int] = []
  reactor.afterEvents = { picture.append(seen) }
  try reactor.add(first.rawValue) { _ in seen += 1 }
  try reactor.add(second.rawValue) { _ in seen += 1 }
  try reactor.turn(timeoutMilliseconds: 1_000)
  #expect(picture == [2])
}

@Test("messages keep their bounds and order; the end of the other side is told")
func packets() throws {
  let pair = try PacketChannel.pair()
  let reader = try PacketChannel(owning: pair.first)
  func write(_ end: consuming Descriptor) throws {
    let writer = try PacketChannel(owning: end)
    #expect(try writer.send([1, 2, 3]))
    #expect(try writer.send([UInt8](repeating: 7, count: 100_000)))
  }
  #expect(try reader.receive() == .nothing)
  try write(pair.second)
  #expect(try reader.receive() == .message([1, 2, 3]))
  #expect(try reader.receive() == .message([UInt8](repeating: 7, count: 100_000)))
  #expect(try reader.receive() == .closed)
  let error = #expect(throws: SystemError.self) { _ = try reader.send([1]) }
  #expect(error?.code == EPIPE)
}

@Test("a full buffer is told as a value, not as an error")
func fullBuffer() throws {
  let pair = try PacketChannel.pair()
  let writer = try PacketChannel(owning: pair.first)
  let message = [UInt8](repeating: 0, count: 1 << 20)
  var sent = 0
  while sent < 100, try writer.send(message) { sent += 1 }
  #expect((1..<100).contains(sent))
  _ = pair.second.rawValue
}

@Test("the kernel names the process at the other end")
func credentials() throws {
  let pair = try PacketChannel.pair()
  let peer = try PeerCredentials(of: pair.first.rawValue)
  #expect(peer.pid == getpid() && peer.user == getuid())
  _ = pair.second.rawValue
}
