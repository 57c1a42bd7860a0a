import CLinux
import Glibc

/// A second thread, where a measurement asked for one: it waits or computes in our place.
public enum PlainThread {
  /// Runs `body` with `worker`, which belongs to the new thread alone from now on. The thread
  /// inherits the scheduling of ours and lives as long as the process.
  public static func start<Worker: AnyObject & Sendable>(
    _ worker: Worker, _ body: @escaping @Sendable (Worker) -> Never
  ) throws(SystemError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    // Locked memory counts every page of the stack.
    unsafe pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let run: @Sendable () -> Never = { body(worker) }
    let argument = unsafe Unmanaged.passRetained(Box(run)).toOpaque()
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run()
      }, argument)
    unsafe pthread_attr_destroy(&attributes)
    guard code == 0 else { throw SystemError(call: "pthread_create", code: code) }
  }

  private final class Box: Sendable {
    let run: @Sendable () -> Never
    init(_ run: @escaping @Sendable () -> Never) { self.run = run }
  }
}
