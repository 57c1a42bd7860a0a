public import Wire

/// Everything `agent` needs.
public struct AgentConfiguration: Hashable, Sendable {
  /// Serial number of the appliance.
  public var serial: String
  /// Its model, such as `zt400`.
  public var profile: String
  /// Version of the software.
  public var version: String
  /// The web proxy; nil: none.
  public var proxy: ProxyRoute?
  /// What to do.
  public var task: AgentTask

  /// Joins the parts.
  public init(
    serial: String, profile: String, version: String, proxy: ProxyRoute?, task: AgentTask
  ) {
    self.serial = serial
    self.profile = profile
    self.version = version
    self.proxy = proxy
    self.task = task
  }
}

extension AgentConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    serial = try String(from: &reader)
    profile = try String(from: &reader)
    version = try String(from: &reader)
    proxy = try ProxyRoute?(from: &reader)
    task = try AgentTask(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    serial.write(into: &writer)
    profile.write(into: &writer)
    version.write(into: &writer)
    proxy.write(into: &writer)
    task.write(into: &writer)
  }
}

/// An HTTP proxy on the way to the portal.
public struct ProxyRoute: Hashable, Sendable {
  /// Name or address.
  public var host: String
  /// TCP port.
  public var port: UInt16
  /// User name; nil: none.
  public var user: String?
  /// Its password; nil: none.
  public var password: String?
  /// Hosts that are reached without it.
  public var exceptions: [String]

  /// Joins the parts.
  public init(
    host: String, port: UInt16, user: String?, password: String?, exceptions: [String]
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.password = password
    self.exceptions = exceptions
  }
}

extension ProxyRoute: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    host = try String(from: &reader)
    port = try UInt16(from: &reader)
    user = try String?(from: &reader)
    password = try String?(from: &reader)
    exceptions = try [String](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    host.write(into: &writer)
    port.write(into: &writer)
    user.write(into: &writer)
    password.write(into: &writer)
    exceptions.write(into: &writer)
  }
}

/// What `agent` is to do.
public enum AgentTask: Hashable, Sendable {
  /// Nothing: not activated, or unmanaged.
  case rest
  /// Become a gateway of the portal.
  case enroll(Enrollment)
  /// Keep in touch with the portal: configuration down, status and events up.
  case serve(PortalIdentity)
}

extension AgentTask: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .rest
    case 1:
      self = .enroll(try Enrollment(from: &reader))
    case 2:
      self = .serve(try PortalIdentity(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .rest: writer.uint8(0)
    case .enroll(let value):
      writer.uint8(1)
      value.write(into: &writer)
    case .serve(let value):
      writer.uint8(2)
      value.write(into: &writer)
    }
  }
}

/// An activation that is to be carried through.
public struct Enrollment: Hashable, Sendable {
  /// `https://HOST:PORT` of the portal.
  public var portal: String
  /// The activation code, sixteen characters without groups.
  public var code: String
  /// SHA-256 of the public key (SubjectPublicKeyInfo) of the portal's CA, from an activation link; empty with a code alone: the portal proves itself by the code.
  public var caFingerprint: [UInt8]
  /// SHA-256 of the payload of the link; empty with a code alone.
  public var linkDigest: [UInt8]
  /// The key of an interrupted try (PEM), to be used again; empty: make one and report it.
  public var privateKey: String
  /// The WAN settings of the box, a ``WANParameters`` in JSON, compared by the portal.
  public var wan: String
  /// The proxy of the box as `host:port`, compared by the portal; empty: none.
  public var proxy: String

  /// Joins the parts.
  public init(
    portal: String, code: String, caFingerprint: [UInt8], linkDigest: [UInt8], privateKey: String,
    wan: String, proxy: String
  ) {
    self.portal = portal
    self.code = code
    self.caFingerprint = caFingerprint
    self.linkDigest = linkDigest
    self.privateKey = privateKey
    self.wan = wan
    self.proxy = proxy
  }
}

extension Enrollment: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    portal = try String(from: &reader)
    code = try String(from: &reader)
    caFingerprint = try [UInt8](from: &reader)
    linkDigest = try [UInt8](from: &reader)
    privateKey = try String(from: &reader)
    wan = try String(from: &reader)
    proxy = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    portal.write(into: &writer)
    code.write(into: &writer)
    caFingerprint.write(into: &writer)
    linkDigest.write(into: &writer)
    privateKey.write(into: &writer)
    wan.write(into: &writer)
    proxy.write(into: &writer)
  }
}

/// Who this gateway is to the portal.
public struct PortalIdentity: Codable, Hashable, Sendable {
  /// `https://HOST:PORT` of the portal's port for gateways (mutual TLS).
  public var url: String
  /// The portal's CA (PEM).
  public var caCertificate: String
  /// This gateway's certificate (PEM).
  public var certificate: String
  /// Its key (PEM).
  public var privateKey: String
  /// Its identifier at the portal.
  public var gatewayID: String
  /// Version of the configuration in force; 0: none yet.
  public var documentVersion: UInt64
  /// Number of the last event that the portal has.
  public var eventsDelivered: Int64

  /// Joins the parts.
  public init(
    url: String, caCertificate: String, certificate: String, privateKey: String, gatewayID: String,
    documentVersion: UInt64, eventsDelivered: Int64
  ) {
    self.url = url
    self.caCertificate = caCertificate
    self.certificate = certificate
    self.privateKey = privateKey
    self.gatewayID = gatewayID
    self.documentVersion = documentVersion
    self.eventsDelivered = eventsDelivered
  }
}

extension PortalIdentity: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    url = try String(from: &reader)
    caCertificate = try String(from: &reader)
    certificate = try String(from: &reader)
    privateKey = try String(from: &reader)
    gatewayID = try String(from: &reader)
    documentVersion = try UInt64(from: &reader)
    eventsDelivered = try Int64(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    url.write(into: &writer)
    caCertificate.write(into: &writer)
    certificate.write(into: &writer)
    privateKey.write(into: &writer)
    gatewayID.write(into: &writer)
    documentVersion.write(into: &writer)
    eventsDelivered.write(into: &writer)
  }
}
