import HTTP
import Wire

/// Reads a form with files (`multipart/form-data`, RFC 7578) that comes in pieces. Fields are held,
/// the file is handed on.
struct MultipartReader {
  /// What has been read.
  enum Part: Hashable {
    /// A field, whole.
    case field(String, String)
    /// The next octets of the file.
    case file([UInt8])
  }

  /// Bounds of a form.
  enum Limits {
    /// Octets of the head of a part, and of a field.
    static let fieldBytes = 64 << 10
    /// Octets of a boundary (RFC 2046 5.1.1).
    static let boundaryBytes = 70
    /// Fields of a form.
    static let fields = 200
  }

  private enum State {
    case preamble
    case head
    case body(name: String, isFile: Bool)
    case end
  }

  private let delimiter: [UInt8]
  private var state = State.preamble
  private var waiting: [UInt8]
  private var field: [UInt8] = []
  private var fields = 0

  /// Begins a body of the kind that a `Content-Type` names; nil for another kind.
  init?(contentType: String) {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let word = contentType.firstRange(of: "boundary=")
    else { return nil }
    let boundary = contentType[word.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
    guard (1...Limits.boundaryBytes).contains(boundary.utf8.count) else { return nil }
    delimiter = Array("\r\n--\(boundary)".utf8)
    // The first boundary may stand at the very beginning.
    waiting = [0x0d, 0x0a]
  }

  /// Whether the last boundary was read.
  var isComplete: Bool { if case .end = state { true } else { false } }

  /// Takes the next piece; nil: it breaks the rules or the bounds.
  mutating func take(_ piece: [UInt8]) -> [Part]? {
    waiting += piece
    var parts: [Part] = []
    while true {
      switch state {
      case .end: return parts
      case .preamble:
        guard let found = find(delimiter) else {
          return waiting.count <= Limits.fieldBytes ? parts : nil
        }
        waiting.removeFirst(found + delimiter.count)
        state = .head
      case .head:
        if waiting.starts(with: Array("--".utf8)) {
          state = .end
          continue
        }
        guard let end = find(Array("\r\n\r\n".utf8)) else {
          return waiting.count <= Limits.fieldBytes ? parts : nil
        }
        guard begin(Array(waiting[..<end])) else { return nil }
        waiting.removeFirst(end + 4)
      case .body(let name, let isFile):
        guard let end = find(delimiter) else {
          // What may be the beginning of a boundary waits.
          let count = max(0, waiting.count - delimiter.count)
          guard hand(Array(waiting[..<count]), isFile, &parts) else { return nil }
          waiting.removeFirst(count)
          return parts
        }
        guard hand(Array(waiting[..<end]), isFile, &parts) else { return nil }
        waiting.removeFirst(end + delimiter.count)
        if !isFile {
          guard let text = String(validating: field, as: UTF8.self) else { return nil }
          parts.append(.field(name, text))
        }
        state = .head
      }
    }
  }

  private mutating func begin(_ head: [UInt8]) -> Bool {
    fields += 1
    guard fields <= Limits.fields, let text = String(validating: head, as: UTF8.self),
      let name = Self.value("name", in: text)
    else { return false }
    field = []
    state = .body(name: name, isFile: Self.value("filename", in: text) != nil)
    return true
  }

  /// A parameter of the field `Content-Disposition`, such as `; name="csrf"`.
  private static func value(_ parameter: String, in head: String) -> String? {
    guard let start = head.firstRange(of: "; \(parameter)=\"") else { return nil }
    return String(head[start.upperBound...].prefix { $0 != "\"" })
  }

  private mutating func hand(_ octets: [UInt8], _ isFile: Bool, _ parts: inout [Part]) -> Bool {
    guard !isFile else {
      if !octets.isEmpty { parts.append(.file(octets)) }
      return true
    }
    field += octets
    return field.count <= Limits.fieldBytes
  }

  /// Where a text begins in what waits.
  ///
  /// - Complexity: the length of what waits; nearly every octet is looked at once.
  private func find(_ text: [UInt8]) -> Int? {
    guard waiting.count >= text.count, let first = text.first else { return nil }
    var index = 0
    let last = waiting.count - text.count
    while index <= last {
      guard let next = waiting[index...last].firstIndex(of: first) else { return nil }
      if waiting[next..<next + text.count].elementsEqual(text) { return next }
      index = next + 1
    }
    return nil
  }
}

extension HTTPRequest {
  /// The same request as if its form had no files: what was in one is a field.
  func flattened() -> HTTPRequest? {
    guard let type = header("Content-Type"), var reader = MultipartReader(contentType: type),
      let parts = reader.take(body), reader.isComplete
    else { return nil }
    var pairs: [String] = []
    var file: [UInt8] = []
    for part in parts {
      switch part {
      case .field(let name, let value):
        pairs.append(URLCoding.encode(name) + "=" + URLCoding.encode(value))
      case .file(let octets): file += octets
      }
    }
    guard let text = String(validating: file, as: UTF8.self) else { return nil }
    pairs.append("file=" + URLCoding.encode(text))
    var request = self
    request.headers.removeAll { $0.name.lowercased() == "content-type" }
    request.headers.append(HTTPField("Content-Type", "application/x-www-form-urlencoded"))
    request.body = Array(pairs.joined(separator: "&").utf8)
    return request
  }
}
