import CLinux
import Glibc

/// What a descriptor is watched for, or what it is ready for.
public struct Readiness: OptionSet, Sendable {
  /// The bits of `EPOLLIN` and so on.
  public let rawValue: UInt32
  /// Wraps epoll bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Something can be read, or the end was reached.
  public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
  /// Something can be written.
  public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
  /// The other end is gone or the descriptor failed; always reported, need not be asked for.
  public static let hangup = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// The event loop of a role: one epoll, one thread.
///
/// A handler decodes and hands over; ``afterEvents`` runs once when every handler of a wake-up has
/// run, and is where a role acts on the now complete picture and arms its timer. Handlers may add
/// and remove descriptors, their own too.
@safe public final class Reactor {
  /// Called with what the descriptor is ready for.
  public typealias Handler = (Readiness) -> Void

  /// Most descriptors reported by one wake-up; the rest come with the next.
  private static let batch = 64

  private let epoll: Descriptor
  /// By descriptor; the kernel gives the lowest number that is free.
  private var handlers: [Handler?] = []
  private var events = unsafe [epoll_event](repeating: epoll_event(), count: Reactor.batch)
  private var stopped = false

  /// Runs after the handlers of each wake-up.
  public var afterEvents: (() -> Void)?

  /// Makes an empty loop.
  public init() throws(SystemError) {
    epoll = Descriptor(owning: try system("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
  }

  /// Watches `descriptor` until ``remove(_:)``; the caller keeps it open as long.
  public func add(
    _ descriptor: Int32, _ interest: Readiness = .readable, _ handler: @escaping Handler
  ) throws(SystemError) {
    try control(EPOLL_CTL_ADD, descriptor, interest)
    let slot = Int(descriptor)
    if slot >= handlers.count {
      handlers += [Handler?](repeating: nil, count: slot + 1 - handlers.count)
    }
    handlers[slot] = handler
  }

  /// Changes what a watched descriptor is watched for.
  public func change(_ descriptor: Int32, to interest: Readiness) throws(SystemError) {
    try control(EPOLL_CTL_MOD, descriptor, interest)
  }

  /// Stops watching; does nothing when `descriptor` is not watched. Call it before closing.
  public func remove(_ descriptor: Int32) {
    guard handler(of: descriptor) != nil else { return }
    handlers[Int(descriptor)] = nil
    _ = epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, nil)
  }

  /// Handles events until ``stop()``.
  public func run() throws(SystemError) {
    while !stopped { try turn() }
  }

  /// Ends ``run()`` after the current wake-up.
  public func stop() { stopped = true }

  /// One wake-up: waits at most `timeoutMilliseconds` (-1: for ever) and calls the handlers.
  public func turn(timeoutMilliseconds: Int32 = -1) throws(SystemError) {
    let count = try system("epoll_wait") {
      unsafe epoll_wait(epoll.rawValue, &events, Int32(Reactor.batch), timeoutMilliseconds)
    }
    for index in 0..<Int(count) {
      // A handler may have removed a descriptor that is ready too.
      let event = unsafe events[index]
      unsafe handler(of: event.data.fd)?(Readiness(rawValue: event.events))
    }
    afterEvents?()
  }

  private func handler(of descriptor: Int32) -> Handler? {
    handlers.indices.contains(Int(descriptor)) ? handlers[Int(descriptor)] : nil
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ interest: Readiness
  ) throws(SystemError) {
    var event = unsafe epoll_event()
    unsafe event.events = interest.rawValue
    unsafe event.data.fd = descriptor
    try system("epoll_ctl", "descriptor \(descriptor)") {
      unsafe epoll_ctl(epoll.rawValue, operation, descriptor, &event)
    }
  }
}
