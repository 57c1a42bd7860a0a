public import HTTP

/// Takes the body of one request piece by piece, so that it is never held whole. What it has begun
/// it undoes in its `deinit`: the client may be gone at any time.
public protocol HTTPUpload: AnyObject {
  /// Largest body, in octets; a larger one is answered with 413, or cut off when its length was not
  /// told.
  var limitBytes: Int { get }

  /// Takes the next piece, at most some ten thousand octets, in the loop of the server. It cannot
  /// refuse here, because clients that still send read no answer: what is wrong the handler says.
  func take(_ piece: [UInt8])
}

/// What is done with the body of a request, decided by its head.
public enum HTTPReception {
  /// It is held, up to ``HTTPServer/Limits/bodyBytes``.
  case held
  /// It goes to an upload, which the handler finds in ``HTTPExchange/upload``.
  case upload(any HTTPUpload)
  /// It is not wanted: this is the answer.
  case refused(HTTPResponse)
}
