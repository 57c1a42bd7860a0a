import HTTP
import HTTPServer

/// The pages for people: everything that is not below `/api`.
final class Browser {
  private let service: PortalService

  init(_ service: PortalService) { self.service = service }

  /// Answers a request.
  func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    exchange.answer(.text("There is no such page.\n", status: 404))
  }
}
