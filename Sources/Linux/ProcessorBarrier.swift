import CLinux

/// A moment after which no processor is in the midst of anything that it began in the kernel before.
public enum ProcessorBarrier {
  /// Waits for it: a grace period of RCU, which covers each packet from hook to hook.
  ///
  /// The corresponding C function is `membarrier` with `MEMBARRIER_CMD_GLOBAL`. Throws `EINVAL` where the
  /// kernel runs without clock ticks on a processor (`nohz_full`).
  public static func wait() throws(SystemError) {
    try system("membarrier", "processors") { ztb_membarrier_global() }
  }
}
