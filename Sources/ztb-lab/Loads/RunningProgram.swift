import CLinux
import Glibc
import Linux

/// A real client program that a load runs: its input and output as descriptors of the loop.
final class RunningProgram {
  let process: ChildProcess
  let input: Descriptor
  let output: Descriptor

  /// Starts `arguments`; what it prints as errors goes to the worker's log.
  init(_ arguments: [String]) throws {
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&toChild, O_CLOEXEC) }
    let childInput = Descriptor(owning: toChild[0])
    input = Descriptor(owning: toChild[1])
    try system("pipe2") { unsafe pipe2(&fromChild, O_CLOEXEC) }
    output = Descriptor(owning: fromChild[0])
    let childOutput = Descriptor(owning: fromChild[1])
    var specification = ProcessSpecification(
      program: try Programs.path(arguments[0]), arguments: arguments)
    specification.environment.append("HOME=/run")
    specification.descriptors = [childInput.rawValue, childOutput.rawValue, 2]
    specification.deathSignal = SIGKILL
    process = try specification.spawn()
    try output.setNonBlocking()
    try input.setNonBlocking()
  }
}

extension LoadOptions {
  /// A command line packed by ``packed(_:)``.
  var command: [String] { text("command").split(separator: "\u{1f}").map(String.init) }

  /// A command line as one option.
  static func packed(_ command: [String]) -> String {
    "command=" + command.joined(separator: "\u{1f}")
  }
}
