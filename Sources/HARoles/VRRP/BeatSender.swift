import Linux
import Messages
import RoleChannel
import Wire

/// The writing end of the pair that `fence` reads (descriptor 5).
final class BeatSender {
  private let channel: PacketChannel

  /// Takes descriptor 5 over.
  init() throws(SystemError) {
    channel = try PacketChannel(
      owning: Descriptor(owning: SupervisorChannel.DescriptorNumber.extra))
  }

  /// Leaves a beat. A fence that does not read is the supervisor's business, not ours.
  func send(_ beat: Beat) {
    do {
      _ = try channel.send(beat.encoded)
    } catch {
      // Both ends are held by the supervisor; they go with it, and then we leave anyway.
    }
  }
}
