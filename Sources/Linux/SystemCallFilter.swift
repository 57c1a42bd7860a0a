import CLinux
import Glibc

/// A seccomp filter: system calls that end a process, because no program like it ever makes them.
///
/// It denies by name what breaks out of a confined process or attacks the kernel, and allows the
/// rest: the libraries of the roles (OpenSSL, libcurl, GnuTLS, libnftables) may call something new
/// with any update. A call that is denied kills the whole process (`SIGSYS`), so that it is seen.
///
/// | a call | |
/// |---|---|
/// | of another architecture, or one of the x32 calls | kills |
/// | in ``DeniedCalls/numbers`` | kills |
/// | `clone3` | `ENOSYS`: its flags are in memory; the C library then calls `clone` |
/// | `clone` with a flag that makes a namespace | kills |
/// | `ioctl` that types into a terminal | kills |
/// | any other | is allowed |
public enum SystemCallFilter {
  /// Binds this process and everything it starts, for ever. The first statement of a role, when its
  /// descriptors are open and nothing was read yet.
  public static func install() throws(SystemError) {
    // Without it the kernel takes filters of privileged processes only.
    try system("prctl", "no_new_privs") { ztb_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) }
    let instructions = program
    _ = try system("seccomp") { () -> Int32 in
      unsafe instructions.withUnsafeBufferPointer {
        unsafe ztb_seccomp($0.baseAddress, UInt16($0.count))
      }
    }
  }

  /// The instructions for the kernel (`seccomp(2)`). Jumps are over what follows at once: each
  /// block ends a call or goes on with the next.
  static var program: [sock_filter] {
    var result = [load(Offset.architecture), skip(1, ifEqual: architecture), kill]
    result += [load(Offset.number), skip(1, unlessAtLeast: firstX32Call), kill]
    for number in DeniedCalls.numbers { result += [skip(1, unlessEqual: UInt32(number)), kill] }
    result += [skip(1, unlessEqual: UInt32(SYS_clone3)), refuse]
    result += [skip(4, unlessEqual: UInt32(SYS_clone)), load(Offset.argument(0))]
    result += [skip(1, unlessAny: DeniedCalls.namespaceFlags), kill, allow]
    result += [skip(6, unlessEqual: UInt32(SYS_ioctl)), load(Offset.argument(1))]
    for request in DeniedCalls.requests { result += [skip(1, unlessEqual: request), kill] }
    return result + [allow, allow]
  }

  // MARK: Words of the machine

  /// Offsets in `struct seccomp_data`; of an argument the lower half, which is all that the kernel
  /// looks at in the two calls above.
  enum Offset {
    static let number: UInt32 = 0
    static let architecture: UInt32 = 4
    static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }
  }

  /// `AUDIT_ARCH_X86_64`: `EM_X86_64`, 64 bits, little endian.
  static let architecture: UInt32 = 62 | 0x8000_0000 | 0x4000_0000
  /// `__X32_SYSCALL_BIT`.
  static let firstX32Call: UInt32 = 0x4000_0000

  static let kill = instruction(BPF_RET | BPF_K, UInt32(SECCOMP_RET_KILL_PROCESS))
  static let allow = instruction(BPF_RET | BPF_K, UInt32(SECCOMP_RET_ALLOW))
  static let refuse = instruction(BPF_RET | BPF_K, UInt32(SECCOMP_RET_ERRNO) | UInt32(ENOSYS))

  private static func load(_ offset: UInt32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset)
  }

  private static func skip(_ count: UInt8, ifEqual value: UInt32) -> sock_filter {
    instruction(BPF_JMP | BPF_JEQ | BPF_K, value, then: count)
  }

  private static func skip(_ count: UInt8, unlessEqual value: UInt32) -> sock_filter {
    instruction(BPF_JMP | BPF_JEQ | BPF_K, value, else: count)
  }

  private static func skip(_ count: UInt8, unlessAtLeast value: UInt32) -> sock_filter {
    instruction(BPF_JMP | BPF_JGE | BPF_K, value, else: count)
  }

  private static func skip(_ count: UInt8, unlessAny bits: UInt32) -> sock_filter {
    instruction(BPF_JMP | BPF_JSET | BPF_K, bits, else: count)
  }

  private static func instruction(
    _ code: Int32, _ value: UInt32, then: UInt8 = 0, else other: UInt8 = 0
  ) -> sock_filter {
    sock_filter(code: UInt16(code), jt: then, jf: other, k: value)
  }
}
