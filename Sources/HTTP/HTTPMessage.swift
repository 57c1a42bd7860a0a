/// A request as the server received it (RFC 9110).
public struct HTTPRequest: Hashable, Sendable {
  /// `GET`, `POST` and so on, as sent.
  public var method: String
  /// The path, percent-decoded, without query; always begins with `/`.
  public var path: String
  /// Names and values of the query, decoded, in their order.
  public var query: [HTTPField]
  /// Header fields in their order; names keep their case, and compare without it.
  public var headers: [HTTPField]
  /// The whole body.
  public var body: [UInt8]
  /// Address of the client, such as `192.168.0.50`.
  public var client: String
  /// The DER form of the client's certificate; nil when it showed none. It is verified: a client
  /// with a certificate that is not trusted never gets this far.
  public var clientCertificate: [UInt8]?

  /// Makes a request; tests and the server do.
  public init(
    method: String, path: String, query: [HTTPField] = [], headers: [HTTPField] = [],
    body: [UInt8] = [], client: String = "", clientCertificate: [UInt8]? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.client = client
    self.clientCertificate = clientCertificate
  }
}

/// A name with a value: a header field, a query parameter, a form field or a cookie.
public struct HTTPField: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: String

  /// Joins the two.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What is sent back.
public struct HTTPResponse: Hashable, Sendable {
  /// Status code, such as 200.
  public var status: Int
  /// Header fields; the length of the body is added by the server.
  public var headers: [HTTPField]
  /// The whole body.
  public var body: [UInt8]

  /// Makes an answer.
  public init(_ status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A page of HTML.
  public static func html(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status, headers: [HTTPField("Content-Type", "text/html; charset=utf-8")],
      body: Array(text.utf8))
  }

  /// A JSON document.
  public static func json(_ octets: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status, headers: [HTTPField("Content-Type", "application/json")], body: octets)
  }

  /// Plain text.
  public static func text(_ text: String, status: Int) -> HTTPResponse {
    HTTPResponse(
      status, headers: [HTTPField("Content-Type", "text/plain; charset=utf-8")],
      body: Array(text.utf8))
  }

  /// Sends the client to another address (RFC 9110 15.4): 302, or 303 after a POST.
  public static func redirect(to location: String, status: Int = 302) -> HTTPResponse {
    HTTPResponse(status, headers: [HTTPField("Location", location)])
  }

  /// The first header field of this name, in any case of letters.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The same answer with one more header field.
  public func with(_ name: String, _ value: String) -> HTTPResponse {
    var copy = self
    copy.headers.append(HTTPField(name, value))
    return copy
  }
}

extension HTTPRequest {
  /// The first value of a header field, whatever the case of its name.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The first value of a query parameter.
  public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// A cookie (RFC 6265 5.4).
  public func cookie(_ name: String) -> String? {
    for field in headers where field.name.lowercased() == "cookie" {
      for pair in field.value.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
        return String(parts[1])
      }
    }
    return nil
  }

  /// The fields of a form in the body (`application/x-www-form-urlencoded`); empty for another
  /// kind of body.
  public var form: [HTTPField] {
    guard header("Content-Type")?.hasPrefix("application/x-www-form-urlencoded") == true,
      let text = String(validating: body, as: UTF8.self)
    else { return [] }
    return URLCoding.fields(text)
  }
}
