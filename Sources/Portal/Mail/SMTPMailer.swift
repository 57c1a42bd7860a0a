import CCurl
import CLinux
import Glibc
import Linux
import Wire

/// Sends mail over SMTP (RFC 5321) with libcurl, which knows STARTTLS, TLS and passwords.
///
/// A mail server may take its time, and mails are rare: each is sent in a thread of its own, that
/// tells the result in one write into a pipe.
final class SMTPMailer: Mailer {
  /// Mails on their way at a time.
  private static let limit = 4

  private let server: String
  private let sender: String
  private let reactor: Reactor
  private let results: Descriptor
  private let resultIn: Descriptor
  private var waiting: [UInt8: (String?) -> Void] = [:]
  private var next: UInt8 = 0

  /// Sends through `server`, such as `smtp://mail.example:25`, as `sender`.
  init(_ reactor: Reactor, server: String, sender: String) throws(SystemError) {
    self.server = server
    self.sender = sender
    self.reactor = reactor
    // Before any thread, as the library wants it.
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    results = Descriptor(owning: ends[0])
    resultIn = Descriptor(owning: ends[1])
    try results.setNonBlocking()
    try reactor.add(results.rawValue) { [unowned self] _ in collect() }
  }

  /// Whether a server must speak TLS: passwords, and links that activate gateways, go in the clear
  /// over the loopback only.
  static func needsTLS(_ server: String) -> Bool {
    var rest = server[...]
    if let scheme = server.firstRange(of: "://") { rest = server[scheme.upperBound...] }
    rest = rest.prefix { !"/?#".contains($0) }
    if rest.contains("@") { return true }
    if rest.hasPrefix("[") { return !rest.hasPrefix("[::1]") }
    let host = rest.prefix { $0 != ":" }.lowercased()
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let isLoopback = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    return !isLoopback && host != "localhost"
  }

  deinit { reactor.remove(results.rawValue) }

  func send(
    to address: String, subject: String, text: String, _ completion: @escaping (String?) -> Void
  ) {
    guard waiting.count < Self.limit else {
      return completion("\(waiting.count) mails are on their way already")
    }
    repeat { next &+= 1 } while waiting[next] != nil
    let now = WallClock.secondsSince1970()
    let message = MailMessage(
      from: sender, to: address, subject: subject, text: text, time: now,
      identifier: "\(now).\(UInt64.random(in: 0 ... .max))")
    let delivery = MailDelivery(
      number: next, server: server, message: message, results: resultIn.rawValue)
    do {
      try PlainThread.start(delivery) { $0.run() }
      waiting[next] = completion
    } catch { completion("\(error)") }
  }

  private func collect() {
    // The pipe fails only when the process is broken beyond this.
    while let octets = try? results.read(limit: MailDelivery.resultCount), octets.count > 1 {
      let text = octets.dropFirst().prefix { $0 != 0 }
      let failure = text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
      waiting.removeValue(forKey: octets[0])?(failure)
    }
  }
}

/// One mail on its way; belongs to its thread alone.
private final class MailDelivery: Sendable {
  /// Octets of a result: the number, and why it failed, filled up with zeros.
  static let resultCount = 256
  private static let timeoutSeconds = 60

  private let number: UInt8
  private let server: String
  private let message: MailMessage
  private let results: Int32

  init(number: UInt8, server: String, message: MailMessage, results: Int32) {
    self.number = number
    self.server = server
    self.message = message
    self.results = results
  }

  func run() -> Never {
    var result = [number] + Array((deliver() ?? "").utf8.prefix(Self.resultCount - 2))
    result += [UInt8](repeating: 0, count: Self.resultCount - result.count)
    _ = unsafe write(results, result, result.count)
    pthread_exit(nil)
  }

  /// Why the mail was not taken; nil: it was.
  private func deliver() -> String? {
    guard let handle = unsafe curl_easy_init() else { return "out of memory" }
    defer { unsafe curl_easy_cleanup(handle) }
    var octets = message.octets
    let count = octets.count
    let code = unsafe octets.withUnsafeMutableBytes { buffer -> CURLcode in
      guard let file = unsafe fmemopen(buffer.baseAddress, count, "r") else {
        return CURLE_OUT_OF_MEMORY
      }
      defer { unsafe fclose(file) }
      let recipients = unsafe curl_slist_append(nil, "<\(message.to)>")
      defer { unsafe curl_slist_free_all(recipients) }
      let settings = unsafe [
        ztb_curl_set_text(handle, CURLOPT_URL, server),
        ztb_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
        ztb_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(message.from)>"),
        ztb_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients),
        ztb_curl_set_long(handle, CURLOPT_UPLOAD, 1),
        ztb_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
        ztb_curl_set_long(handle, CURLOPT_TIMEOUT, Self.timeoutSeconds),
        // STARTTLS where it is offered, or not at all; smtps:// demands TLS anyway.
        ztb_curl_set_long(
          handle, CURLOPT_USE_SSL,
          Int((SMTPMailer.needsTLS(server) ? CURLUSESSL_ALL : CURLUSESSL_TRY).rawValue)),
        ztb_curl_set_pointer(handle, CURLOPT_READDATA, file),
        ztb_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(count)),
      ]
      if let wrong = settings.first(where: { $0 != CURLE_OK }) { return wrong }
      return unsafe curl_easy_perform(handle)
    }
    guard code != CURLE_OK else { return nil }
    return unsafe String(cString: curl_easy_strerror(code))
  }
}
