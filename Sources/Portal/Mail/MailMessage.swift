import Linux

/// A plain mail (RFC 5322) as it goes over the wire.
struct MailMessage: Hashable {
  var from: String
  var to: String
  var subject: String
  var text: String
  /// Seconds since 1970.
  var time: Int64
  /// Something that no other mail has.
  var identifier: String

  /// Header and body. The body is quoted-printable: links are longer than what all mail servers
  /// take for a line, and reach the reader in one piece so.
  var octets: [UInt8] {
    let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let header = [
      "From: ZT Branch portal <\(from)>", "To: <\(to)>", "Subject: \(Self.line(subject))",
      "Date: \(Self.date(time))", "Message-ID: <\(identifier)@\(domain)>", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable", "Auto-Submitted: auto-generated",
    ]
    return Array((header.joined(separator: "\r\n") + "\r\n\r\n" + Self.quoted(text)).utf8)
  }

  /// A text that can stand in a header: printable ASCII on one line.
  private static func line(_ text: String) -> String {
    String(
      decoding: text.utf8.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self
    )
  }

  /// Quoted-printable (RFC 2045 6.7).
  static func quoted(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(quotedLine)
      .joined(separator: "\r\n")
  }

  private static func quotedLine(_ line: Substring) -> String {
    var result = ""
    var length = 0
    for octet in line.utf8 {
      let isPlain = (0x20...0x7e).contains(octet) && octet != UInt8(ascii: "=")
      let digits = String(octet, radix: 16, uppercase: true)
      let piece =
        isPlain ? String(Unicode.Scalar(octet)) : "=" + (octet < 16 ? "0" : "") + digits
      if length + piece.utf8.count > 72 {
        result += "=\r\n"
        length = 0
      }
      result += piece
      length += piece.utf8.count
    }
    return result
  }

  /// Such as `Thu, 26 Nov 2026 02:30:00 +0000` (RFC 5322 3.3).
  static func date(_ seconds: Int64) -> String {
    let stamp = WallClock.timestamp(seconds: seconds)
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let parts = stamp.split(whereSeparator: { "-T.".contains($0) })
    let month = Int(parts[1]).map { months[($0 - 1) % 12] } ?? "Jan"
    let day = days[Int(seconds / 86_400 % 7)]
    return "\(day), \(parts[2]) \(month) \(parts[0]) \(parts[3]) +0000"
  }
}
