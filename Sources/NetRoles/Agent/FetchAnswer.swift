import HTTP

/// What an answer to the request for software means, as soon as its header is there.
enum FetchAnswer: Hashable {
  /// All of it comes, from the beginning; `total` 0: the size is not told.
  case whole(total: UInt64)
  /// What is missing comes.
  case rest(total: UInt64)
  /// What is there does not fit: begin anew.
  case again
  /// It cannot be had now.
  case away(String)
  /// It cannot be had.
  case refused(String)

  /// Judges an answer; `offset` octets are there already and were not asked for.
  init(_ answer: HTTPResponse, offset: UInt64) {
    switch answer.status {
    case 200: self = .whole(total: answer.header("Content-Length").flatMap { UInt64($0) } ?? 0)
    case 206:
      guard offset > 0, let range = ContentRange(answer), range.first == offset else {
        self = .again
        return
      }
      self = .rest(total: range.total)
    case 416 where offset > 0: self = .again
    case 408, 425, 429, 500...: self = .away("the server answers \(answer.status)")
    case 404: self = .refused("the server does not have it (404)")
    case 407:
      self = .refused("the proxy asks for a user and password; set them with 3 Configure Web Proxy")
    default: self = .refused("the server answers \(answer.status)")
    }
    if let total, total > FetchLimits.octets {
      self = .refused("it has \(total) octets, \(FetchLimits.octets) are allowed")
    }
  }

  private var total: UInt64? {
    switch self {
    case .whole(let total), .rest(let total): total
    case .again, .away, .refused: nil
    }
  }

  /// What the rest may be asked for with (`If-Range`, RFC 9110 13.1.5); nil: nothing, as it might
  /// be the rest of something else.
  static func validator(of answer: HTTPResponse) -> String? {
    if let tag = answer.header("ETag"), !tag.hasPrefix("W/") { return tag }
    return answer.header("Last-Modified")
  }
}

/// `bytes FIRST-LAST/TOTAL` (RFC 9110 14.4).
private struct ContentRange {
  let first: UInt64
  /// 0: not told.
  let total: UInt64

  init?(_ answer: HTTPResponse) {
    guard let text = answer.header("Content-Range"), text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = ContentRange.number(ends[0]),
      ContentRange.number(ends[1]) != nil,
      let total = parts[1] == "*" ? 0 : ContentRange.number(parts[1])
    else { return nil }
    self.first = first
    self.total = total
  }

  /// Digits only, and no more than are a number.
  private static func number(_ text: Substring) -> UInt64? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
  }
}
