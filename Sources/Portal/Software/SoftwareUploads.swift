import HTTP
import HTTPServer
import PortalPages

/// A bundle that comes as the body of a request, or as the file of a form.
final class BundleUpload: HTTPUpload {
  let limitBytes: Int
  let file: BundleFile
  private var reader: MultipartReader?
  private let accepts: (String) -> Bool
  /// Whether the token of the session was with it.
  private(set) var isAccepted: Bool
  /// Whether nothing has come.
  private(set) var isEmpty = true
  /// Whether the form broke the rules.
  private(set) var failure: PortalError?

  /// Takes a body that is the bundle itself; who sends it is known already.
  init(_ file: BundleFile) {
    self.file = file
    limitBytes = SoftwareFolder.limitBytes
    reader = nil
    accepts = { _ in true }
    isAccepted = true
  }

  /// Takes a form. Its token comes before its file, else nothing of it is taken.
  init(_ file: BundleFile, form: MultipartReader, accepts: @escaping (String) -> Bool) {
    self.file = file
    limitBytes = SoftwareFolder.limitBytes + MultipartReader.Limits.fieldBytes
    reader = form
    self.accepts = accepts
    isAccepted = false
  }

  func take(_ piece: [UInt8]) {
    guard failure == nil else { return }
    guard reader != nil else {
      isEmpty = false
      return file.take(piece)
    }
    guard let parts = reader?.take(piece) else {
      failure = .malformed("The form cannot be read; load the page again and repeat.")
      return
    }
    for part in parts {
      switch part {
      case .field("csrf", let token): isAccepted = accepts(token)
      case .field: continue
      case .file(let octets):
        guard isAccepted else {
          failure = Browser.foreign
          return
        }
        isEmpty = false
        file.take(octets)
      }
    }
  }
}

/// Decides by the head of a request whether its body is a bundle.
struct UploadGate {
  let service: PortalService

  /// What is done with the body of a request on the port for people.
  func receive(_ head: HTTPRequest) -> HTTPReception {
    guard head.method == "POST" else { return .held }
    switch head.path {
    case RESTServer.prefix + "software": return api(head)
    case Paths.software: return form(head)
    default: return .held
    }
  }

  private func api(_ head: HTTPRequest) -> HTTPReception {
    do throws(PortalError) {
      guard let session = try RESTServer.session(of: head, service) else {
        throw .unauthenticated
      }
      guard session.accepts(formToken: head.header("X-CSRF-Token")) else {
        throw RESTServer.missingToken
      }
      return .upload(BundleUpload(try service.receiveSoftware(by: session.user)))
    } catch { return .refused(.failure(error)) }
  }

  /// A form whose sender is not known is read as small ones are, and refused like these.
  private func form(_ head: HTTPRequest) -> HTTPReception {
    guard let token = head.cookie(RESTServer.cookie),
      let reader = MultipartReader(contentType: head.header("Content-Type") ?? "")
    else { return .held }
    do throws(PortalError) {
      guard let session = try service.session(token: token, from: head.client) else {
        return .held
      }
      let file = try service.receiveSoftware(by: session.user)
      return .upload(
        BundleUpload(file, form: reader) { session.accepts(formToken: $0) })
    } catch {
      return .refused(
        Browser.secured(.html(error.page(signedIn: true).html(nil), status: error.status)))
    }
  }
}
