import CMicrohttpd
import HTTP

/// A request as far as it has arrived.
struct IncomingRequest {
  private(set) var request: HTTPRequest
  /// What it will be answered with instead of by the handler.
  private(set) var refusal: HTTPResponse?
  /// What takes the body; nil: it is held.
  private(set) var upload: (any HTTPUpload)?
  private var limitBytes: Int
  private var received = 0
  private var discarded = 0

  /// An oversized body is read to its end up to this multiple of the limit, because a client that
  /// still sends does not see the answer.
  private static let patience = 16
  /// Most header fields and most parameters.
  private static let fieldLimit = 200

  /// Reads the head of the request that `handle` is at.
  init(handle: OpaquePointer, target: String, method: String, limitBytes: Int) {
    self.limitBytes = limitBytes
    let path = RequestTarget.path(target)
    // RFC 9110 9.3.2: HEAD is GET, and the daemon leaves the body out.
    request = HTTPRequest(method: method == "HEAD" ? "GET" : method, path: path ?? "/")
    request.headers = unsafe Self.fields(handle, .HEADER_KIND)
    request.query = unsafe Self.fields(handle, .GET_ARGUMENT_KIND).compactMap { field in
      guard let name = URLCoding.decode(field.name, plus: true),
        let value = URLCoding.decode(field.value, plus: true)
      else { return nil }
      return HTTPField(name, value)
    }
    if path == nil {
      refusal = .text("The address of the request is malformed.\n", status: 400)
    } else if declaredBytes > limitBytes {
      refusal = Self.tooLarge
    }
  }

  /// The answer to a body so large that it is not even read.
  var earlyRefusal: HTTPResponse? {
    let limit = upload == nil ? limitBytes * Self.patience : limitBytes
    return declaredBytes > limit ? Self.tooLarge : nil
  }

  /// Has the body taken by `upload`.
  mutating func hand(to upload: any HTTPUpload) {
    self.upload = upload
    limitBytes = upload.limitBytes
    refusal = nil
  }

  /// Takes a piece of the body; false: it does not end, close the connection.
  mutating func append(_ piece: UnsafeRawBufferPointer) -> Bool {
    received += piece.count
    if refusal == nil, received > limitBytes { refusal = Self.tooLarge }
    guard refusal != nil else {
      if let upload {
        unsafe upload.take(Array(piece))
      } else {
        unsafe request.body.append(contentsOf: piece)
      }
      return true
    }
    // Many times the size of a small body is nothing; many times that of an upload is not.
    guard upload == nil else { return false }
    request.body = []
    discarded += piece.count
    return discarded / Self.patience <= limitBytes
  }

  private static let tooLarge = HTTPResponse.text("The body is too large.\n", status: 413)

  private var declaredBytes: Int { request.header("Content-Length").flatMap { Int($0) } ?? 0 }

  private static func fields(_ handle: OpaquePointer, _ kind: MHD_ValueKind) -> [HTTPField] {
    var fields: [HTTPField] = []
    unsafe withUnsafeMutablePointer(to: &fields) { pointer in
      _ = unsafe MHD_get_connection_values(
        handle, kind,
        { pointer, _, name, value in
          guard let fields = unsafe pointer?.assumingMemoryBound(to: [HTTPField].self),
            let name = unsafe name, unsafe fields.pointee.count < IncomingRequest.fieldLimit
          else { return .NO }
          let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
          unsafe fields.pointee.append(HTTPField(String(cString: name), text))
          return .YES
        }, pointer)
    }
    return fields
  }
}

/// The address in the first line of a request.
enum RequestTarget {
  /// The decoded path of a target; nil when it cannot be decoded, does not begin with `/`, holds a
  /// control character or a backslash, or would leave its directory.
  static func path(_ target: String) -> String? {
    var rest = target[...]
    // RFC 9112 3.2.2: the whole address, as a proxy gets it, is accepted.
    if let authority = ["http://", "https://"].first(where: { rest.hasPrefix($0) }) {
      rest = rest.dropFirst(authority.count).drop { $0 != "/" }
      if rest.isEmpty { rest = "/" }
    }
    guard rest.first == "/", let path = URLCoding.decode(rest, plus: false) else { return nil }
    let forbidden = path.unicodeScalars.contains { $0.value < 0x20 || $0 == "\\" || $0 == "\u{7f}" }
    let leaves = path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    return forbidden || leaves ? nil : path
  }
}
