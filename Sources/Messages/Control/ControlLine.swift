import JSON

// The control protocol: one JSON object a line, each way. Both ends of a household's role and of
// `control.sock` write and read their lines here and nowhere else.

extension ControlRequest {
  /// Reads a line without its end, or with it.
  ///
  /// Throws `JSONSyntaxError` or `JSONShapeError`; both say where and what, in words that a client
  /// can be told. At most `JSONParser.Limits.textBytes` octets.
  public init(line: [UInt8]) throws {
    self = try JSONParser.parse(line).decode()
  }

  /// The line, without its end.
  public var line: [UInt8] {
    do throws(JSONShapeError) {
      return try JSONValue(encoding: self).compact
    } catch {
      preconditionFailure("a request is made of texts and whole numbers: \(error)")
    }
  }
}

extension ControlAnswer {
  /// Longest line of an answer, in octets. A document of `JSONParser.Limits.textBytes` is a good
  /// deal longer once it is indented and quoted.
  public static let lineLimitBytes = 64 << 20

  /// Reads a line without its end, or with it.
  ///
  /// Throws `JSONSyntaxError` or `JSONShapeError`. At most ``lineLimitBytes`` octets.
  public init(line: [UInt8]) throws {
    self = try JSONParser.parse(line, limitBytes: ControlAnswer.lineLimitBytes).decode()
  }

  /// The line, without its end; throws `JSONShapeError` where an age is no finite number.
  public var line: [UInt8] {
    get throws { try JSONValue(encoding: self).compact }
  }
}
