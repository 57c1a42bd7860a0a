import CLinux
import CMicrohttpd
import Glibc

/// The calls that libmicrohttpd makes, turned into methods of the objects that they are for.
enum Daemon {
  /// TLS 1.2 and 1.3 only; GnuTLS orders the suites.
  private static let priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
  /// Octets for the head of a request; a longer one is answered with 431.
  private static let memoryLimit = 16_384

  /// Starts a daemon that calls `server`, which must outlive it; nil when it is refused.
  static func start(
    _ server: HTTPServer, socket: Int32, tls: TLSIdentity?, limits: HTTPServer.Limits
  ) -> OpaquePointer? {
    var options = unsafe [
      option(.LISTEN_SOCKET, Int(socket)),
      option(.CONNECTION_LIMIT, limits.connections),
      option(.PER_IP_CONNECTION_LIMIT, limits.connectionsPerClient),
      option(.CONNECTION_TIMEOUT, limits.idleSeconds),
      option(.CONNECTION_MEMORY_LIMIT, memoryLimit),
      option(.STRICT_FOR_CLIENT, 1),
    ]
    guard let tls else { return unsafe start(server, &options, flags: 0) }
    // The daemon copies what it needs before the texts go.
    return unsafe tls.certificate.withCString { certificate in
      unsafe tls.privateKey.withCString { key in
        unsafe priorities.withCString { priorities in
          unsafe (tls.clientAuthorities ?? "").withCString { authorities in
            unsafe options.append(option(.HTTPS_MEM_CERT, certificate))
            unsafe options.append(option(.HTTPS_MEM_KEY, key))
            unsafe options.append(option(.HTTPS_PRIORITIES, priorities))
            if tls.clientAuthorities != nil {
              unsafe options.append(option(.HTTPS_MEM_TRUST, authorities))
            }
            return unsafe start(server, &options, flags: MHD_USE_TLS.rawValue)
          }
        }
      }
    }
  }

  private static func start(
    _ server: HTTPServer, _ options: inout [MHD_OptionItem], flags: UInt32
  ) -> OpaquePointer? {
    unsafe options.append(MHD_OptionItem(option: .END, value: 0, ptr_value: nil))
    let all = flags | MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    return unsafe ztb_mhd_start(
      all, Unmanaged.passUnretained(server).toOpaque(),
      { _, handle, target, method, _, data, size, _ in
        guard let connection = unsafe Daemon.connection(handle) else { return .NO }
        return unsafe connection.access(
          target: target, method: method, data: data, size: size)
      }, { _, handle, _, _ in unsafe Daemon.connection(handle)?.requestCompleted() },
      { server, handle, context, code in
        // MHD_CONNECTION_NOTIFY_STARTED, whose name is not imported.
        unsafe Daemon.notify(server, handle, context, started: code.rawValue == 0)
      }, &options)
  }

  private static func option(_ option: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: option, value: value, ptr_value: nil)
  }

  private static func option(
    _ option: MHD_OPTION, _ text: UnsafePointer<CChar>
  ) -> MHD_OptionItem {
    unsafe MHD_OptionItem(
      option: option, value: 0, ptr_value: UnsafeMutableRawPointer(mutating: text))
  }

  /// The object of a connection, which `notify` left with it.
  private static func connection(_ handle: OpaquePointer?) -> Connection? {
    guard let handle = unsafe handle, let context = unsafe ztb_mhd_context(handle) else {
      return nil
    }
    return unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  }

  /// A connection begins or ends; the server keeps its object in between.
  private static func notify(
    _ server: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, started: Bool
  ) {
    guard let server = unsafe server, let handle = unsafe handle, let context = unsafe context
    else { return }
    let owner = unsafe Unmanaged<HTTPServer>.fromOpaque(server).takeUnretainedValue()
    if started {
      let connection = unsafe Connection(owner, handle)
      owner.begin(connection)
      unsafe context.pointee = Unmanaged.passUnretained(connection).toOpaque()
    } else if let pointer = unsafe context.pointee {
      let connection = unsafe Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue()
      unsafe context.pointee = nil
      connection.closed()
      owner.end(connection)
    }
  }
}
