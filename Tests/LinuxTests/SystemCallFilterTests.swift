import CLinux
import Glibc
import Testing

@testable import Linux

/// The part of the kernel's machine that filters use.
private enum FilterMachine {
  struct Call {
    var number: Int32
    var architecture = SystemCallFilter.architecture
    var arguments: [UInt64] = []

    /// The word at an offset of `struct seccomp_data`.
    func word(at offset: UInt32) -> UInt32? {
      switch offset {
      case 0: return UInt32(bitPattern: number)
      case 4: return architecture
      case 16..<64 where offset % 4 == 0:
        let index = Int(offset - 16) / 8
        let value = index < arguments.count ? arguments[index] : 0
        return UInt32(truncatingIfNeeded: offset % 8 == 0 ? value : value >> 32)
      default: return nil
      }
    }
  }

  /// What the program returns; nil when it leaves the machine's rules.
  static func run(_ program: [sock_filter], _ call: Call) -> UInt32? {
    var (accumulator, counter) = (UInt32(0), 0)
    while counter < program.count {
      let step = program[counter]
      counter += 1
      var condition: Bool
      switch Int32(step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        guard let word = call.word(at: step.k) else { return nil }
        accumulator = word
        continue
      case BPF_RET | BPF_K: return step.k
      case BPF_JMP | BPF_JEQ | BPF_K: condition = accumulator == step.k
      case BPF_JMP | BPF_JGE | BPF_K: condition = accumulator >= step.k
      case BPF_JMP | BPF_JSET | BPF_K: condition = accumulator & step.k != 0
      default: return nil
      }
      counter += Int(condition ? step.jt : step.jf)
    }
    return nil
  }
}

private let kills = UInt32(SECCOMP_RET_KILL_PROCESS)
private let allows = UInt32(SECCOMP_RET_ALLOW)

private func verdict(_ number: Int32, _ arguments: UInt64...) -> UInt32? {
  FilterMachine.run(SystemCallFilter.program, .init(number: number, arguments: arguments))
}

/// Runs `body` in a copy of this process and returns what `waitpid` says of it.
private func status(of body: () -> Void) throws -> Int32 {
  // Swift hides fork, as threads of a runtime would be missing; the copy makes a few calls and
  // ends.
  typealias Fork = @convention(c) () -> Int32
  let symbol = try unsafe #require(unsafe dlsym(nil, "fork"))
  let pid = unsafe unsafeBitCast(symbol, to: Fork.self)()
  guard pid != 0 else {
    body()
    _exit(7)
  }
  try #require(pid > 0, "fork")
  var status: Int32 = 0
  while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
  return status
}

@Suite("The filter of system calls")
struct SystemCallFilterTests {
  @Test("every call is judged; exactly those that are listed kill")
  func numbers() {
    let denied = Set(DeniedCalls.numbers)
    #expect(denied.count == DeniedCalls.numbers.count)
    for number in Int32(0)..<1_000 where number != SYS_clone3 {
      #expect(verdict(number) == (denied.contains(number) ? kills : allows), "\(number)")
    }
    for number in [SYS_execve, SYS_ptrace, SYS_mount, SYS_bpf, SYS_unshare, SYS_setuid] {
      #expect(verdict(number) == kills)
    }
    for number in [SYS_read, SYS_openat, SYS_futex, SYS_sendmsg, SYS_sched_setattr, SYS_mmap] {
      #expect(verdict(number) == allows)
    }
  }

  @Test("calls of another architecture and x32 calls kill")
  func architectures() {
    let read = FilterMachine.Call(number: SYS_read, architecture: 0x4000_0003)
    #expect(FilterMachine.run(SystemCallFilter.program, read) == kills)
    #expect(verdict(SYS_read | 0x4000_0000) == kills)
    #expect(verdict(-1) == kills)
  }

  @Test("threads are made, namespaces are not")
  func clones() {
    #expect(verdict(SYS_clone3) == UInt32(SECCOMP_RET_ERRNO) | UInt32(ENOSYS))
    let thread = UInt64(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
    #expect(verdict(SYS_clone, thread) == allows)
    for flag in [CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID] {
      #expect(verdict(SYS_clone, thread | UInt64(flag)) == kills)
    }
  }

  @Test("nothing is typed into a terminal, whatever stands in the upper half of the request")
  func terminals() {
    #expect(verdict(SYS_ioctl, 0, UInt64(TIOCSTI)) == kills)
    #expect(verdict(SYS_ioctl, 0, UInt64(TIOCSTI) | 1 << 40) == kills)
    #expect(verdict(SYS_ioctl, 0, UInt64(TIOCLINUX)) == kills)
    #expect(verdict(SYS_ioctl, UInt64(TIOCSTI), UInt64(TCGETS)) == allows)
  }

  @Test("in the kernel: what is denied ends the process with SIGSYS, the rest goes on")
  func kernel() throws {
    let program = try unsafe #require(unsafe strdup("/bin/true"))
    defer { unsafe free(program) }
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [program, nil]
    let denied: [() -> Void] = [
      { unsafe _ = execv(program, &arguments) }, { _ = unshare(0) }, { _ = setuid(getuid()) },
    ]
    for call in denied {
      let status = try status {
        do { try SystemCallFilter.install() } catch { _exit(8) }
        call()
      }
      #expect(status & 0x7f == SIGSYS)
    }
    let status = try status {
      do { try SystemCallFilter.install() } catch { _exit(8) }
      _ = getppid()
    }
    #expect(status == 7 << 8)
  }
}
