import Glibc
import Wire

/// What a command line asks for.
struct PortalOptions: Hashable {
  /// An address and a port to listen on.
  struct Place: Hashable {
    var address: IPv4Address
    var port: UInt16

    init?(_ text: String, defaultPort: UInt16) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), let address = IPv4Address(parts[0]) else { return nil }
      self.address = address
      port = defaultPort
      if parts.count == 2 {
        guard let given = UInt16(parts[1]) else { return nil }
        port = given
      }
    }

    init(address: IPv4Address, port: UInt16) {
      self.address = address
      self.port = port
    }
  }

  /// The bundle that the verb `add-software` adds; nil: the verb is `serve`.
  var bundle: String?
  /// Whether that becomes the default.
  var isDefault = false
  var data = ""
  var listen = Place(address: IPv4Address(0), port: 8443)
  var agentListen: Place?
  var names: [String] = []
  var smtp: String?
  var smtpFrom: String?
  /// File of the public key that software must be signed with.
  var updateKey: String?
  /// Print a one-time link although there are users.
  var recovers = false

  /// Why a command line cannot be understood.
  struct Problem: Error {
    var text: String
  }

  static let help = """
    usage: ztb-portal serve --data DIR [--listen ADDR[:PORT]] [--agent-listen ADDR[:PORT]]
                      [--name NAME]… [--smtp URL --smtp-from ADDRESS] [--recover]
                      [--update-key FILE]
           ztb-portal add-software BUNDLE --data DIR [--update-key FILE] [--default]

    The portal of ZT Branch: pages and REST API for people, activation and a port with mutual TLS
    for gateways. The first start makes the authority, certificates and default templates, and
    prints a one-time link by which the first user is made. Prints READY when it listens.

      --data DIR          where the database is kept; made if missing
      --listen ADDR[:PORT]        for people and activation (0.0.0.0:8443)
      --agent-listen ADDR[:PORT]  for gateways (the same address, port + 1)
      --name NAME         name or address of the portal, in its certificate; the first one stands
                          in links (the address it listens on, or the host name)
      --smtp URL          mail server for activation links, such as smtp://mail.example:25, or
                          smtps://USER:PASSWORD@mail.example
      --smtp-from ADDRESS sender of these mails
      --update-key FILE   public key (64 hexadecimal digits) that software must be signed with;
                          without it software is taken, and shown as not verified
      --default           updates take this version unless another is named
      --recover           print a one-time link although there are users: for a lost password
      --help              this text

    Files: DIR/portal.db and its -wal and -shm, DIR/software, readable by the owner only.
    Exit status: 0 ended by SIGTERM or SIGINT, 1 failed, 2 usage.

    """

  /// Reads the arguments behind the program's name; nil: help is wanted.
  static func parse(_ arguments: [String]) throws(Problem) -> PortalOptions? {
    if arguments.isEmpty || arguments.contains("--help") || arguments.contains("-h") { return nil }
    var options = PortalOptions()
    var rest = arguments.dropFirst()
    switch arguments[0] {
    case "serve": break
    case "add-software":
      guard let file = rest.popFirst(), !file.hasPrefix("--") else {
        throw Problem(text: "add-software needs the file of a bundle")
      }
      options.bundle = file
    default:
      throw Problem(text: "'\(arguments[0])' is not known; the verbs are serve and add-software")
    }
    while let word = rest.popFirst() {
      switch word {
      case "--recover": options.recovers = true
      case "--default" where options.bundle != nil: options.isDefault = true
      default:
        guard let value = rest.popFirst() else { throw Problem(text: "\(word) needs a value") }
        try options.set(word, value)
      }
    }
    if options.data.isEmpty { throw Problem(text: "--data is missing") }
    if (options.smtp == nil) != (options.smtpFrom == nil) {
      throw Problem(text: "--smtp and --smtp-from belong together")
    }
    return options
  }

  private mutating func set(_ word: String, _ value: String) throws(Problem) {
    func place(_ port: UInt16) throws(Problem) -> Place {
      guard let place = Place(value, defaultPort: port) else {
        throw Problem(text: "\(word) \(value): expected ADDRESS[:PORT]")
      }
      return place
    }
    switch word {
    case "--data": data = value
    case "--listen": listen = try place(8443)
    case "--agent-listen": agentListen = try place(8444)
    case "--name":
      guard !value.isEmpty, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2c }) else {
        throw Problem(text: "--name '\(value)' is no host name or address")
      }
      names.append(value)
    case "--update-key": updateKey = value
    case "--smtp":
      guard value.hasPrefix("smtp://") || value.hasPrefix("smtps://") else {
        throw Problem(text: "--smtp \(value): expected smtp://HOST[:PORT] or smtps://HOST[:PORT]")
      }
      smtp = value
    case "--smtp-from":
      guard PortalService.isMailAddress(value) else {
        throw Problem(text: "--smtp-from '\(value)' is no mail address")
      }
      smtpFrom = value
    default: throw Problem(text: "\(word) is not known")
    }
  }
}
