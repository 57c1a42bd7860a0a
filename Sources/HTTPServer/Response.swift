import CMicrohttpd
import HTTP
import Linux

/// Answers in the form that the daemon takes.
enum Response {
  /// `MHD_CONTENT_READER_END_OF_STREAM`, a cast macro.
  private static let endOfStream = -1
  /// Octets that are asked of a stream at a time.
  private static let block = 4_096

  /// A response that the caller destroys; nil when memory is out.
  static func make(_ answer: HTTPExchange.Answer, _ connection: Connection) -> OpaquePointer? {
    switch answer {
    case .whole(let response):
      let made = unsafe response.body.withUnsafeBytes { buffer in
        unsafe MHD_create_response_from_buffer(
          buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress),
          .RESPMEM_MUST_COPY)
      }
      unsafe add(response.headers, to: made)
      return unsafe made
    case .stream(_, let headers, let stream):
      let made = unsafe MHD_create_response_from_callback(
        UInt64.max, block,
        { context, _, buffer, size in
          guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
          let stream = unsafe Unmanaged<HTTPStream>.fromOpaque(context).takeUnretainedValue()
          let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size)
          return unsafe stream.read(into: room) ?? Response.endOfStream
        }, Unmanaged.passRetained(stream).toOpaque(),
        { context in
          guard let context = unsafe context else { return }
          unsafe Unmanaged<HTTPStream>.fromOpaque(context).release()
        })
      unsafe add(headers, to: made)
      return unsafe made
    case .file(_, let headers, let file):
      let descriptor = file.takeDescriptor()
      let made = unsafe MHD_create_response_from_fd_at_offset64(
        file.count, descriptor, file.offset)
      // The daemon closes it with the response, unless there is none.
      if unsafe made == nil { _ = Descriptor(owning: descriptor) }
      unsafe add(headers, to: made)
      return unsafe made
    }
  }

  /// The daemon refuses what would break the head apart, such as a line break in a value.
  private static func add(_ headers: [HTTPField], to response: OpaquePointer?) {
    for field in headers {
      _ = unsafe MHD_add_response_header(response, field.name, field.value)
    }
  }
}
