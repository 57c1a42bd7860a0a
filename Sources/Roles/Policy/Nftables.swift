import CNftables
import Policy

/// nftables refused a command.
struct NftablesError: Error, Hashable, CustomStringConvertible {
  /// What libnftables said, cut to a few lines.
  let description: String
}

/// One libnftables context, kept open: a new one per command costs a hundred times as much.
///
/// Text in, text out. Output and error buffers are read after each command, or they would grow.
@safe final class Nftables {
  private enum Limits {
    /// Octets of an error message that are kept; nft repeats the offending line, however long.
    static let messageBytes = 400
  }

  private let context: OpaquePointer

  /// Opens a context on the nftables of this network namespace.
  init() throws(NftablesError) {
    guard let context = unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
      throw NftablesError(description: "nft_ctx_new: no memory or no netlink")
    }
    unsafe self.context = unsafe context
    guard unsafe nft_ctx_buffer_output(context) == 0, unsafe nft_ctx_buffer_error(context) == 0
    else { throw NftablesError(description: "nft_ctx_buffer_output: no memory") }
    unsafe nft_ctx_output_set_flags(context, UInt32(NFT_CTX_OUTPUT_NUMERIC_ALL))
  }

  deinit { unsafe nft_ctx_free(context) }

  /// Runs commands as one transaction: all of them take effect, or none. Returns what they print.
  @discardableResult
  func run(_ commands: String) throws(NftablesError) -> String {
    let code = unsafe nft_run_cmd_from_buffer(context, commands)
    let output = unsafe nft_ctx_get_output_buffer(context).map { unsafe String(cString: $0) }
    let message = unsafe nft_ctx_get_error_buffer(context).map { unsafe String(cString: $0) }
    guard code == 0 else {
      let text = (message ?? "").prefix(Limits.messageBytes)
      throw NftablesError(description: "nft: \(text.split(separator: "\n").joined(separator: " "))")
    }
    return output ?? ""
  }

  /// Removes our table; does nothing when there is none.
  func removeTable() throws(NftablesError) {
    try run("add table \(PolicyCompiler.table)\n" + PolicyCompiler.removal)
  }
}
