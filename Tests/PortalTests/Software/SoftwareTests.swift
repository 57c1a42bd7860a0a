import Linux
import Testing
import Update

@testable import Portal

@Suite("Software that the portal keeps")
struct SoftwareTests {
  private let portal: TestPortal
  private let place: TestFolder

  init() throws {
    portal = try TestPortal()
    place = try TestFolder()
    portal.service.folder = place.folder
  }

  private func versions() throws -> [String] {
    try portal.service.listSoftware(by: portal.admin).map(\.version.description)
  }

  @Test("a bundle is kept, its signature checked, and the first one is the default")
  func add() throws {
    let octets = try TestBundle.make()
    let added = try portal.addSoftware(octets)
    #expect(added.isVerified && added.isDefault && added.size == Int64(octets.count))
    #expect(added.manifest.profiles == ["vm", "zt400"])
    #expect(try Files.read(place.folder.file(added.version)) == octets)
    let newer = try portal.addSoftware(try TestBundle.make("1.10.0"))
    #expect(!newer.isDefault)
    #expect(try versions() == ["1.10.0", "1.2.3"])
    #expect(Directory.names(place.path) == ["1.10.0.ztb", "1.2.3.ztb"])
    let audit = try portal.service.listAudit(before: nil, limit: 10, by: portal.admin)
    #expect(audit.first?.action == "software.add" && audit.first?.target == "1.10.0")
  }

  @Test("without a key, the signature is not verified, and that is shown")
  func keyless() throws {
    let open = try TestFolder(isKeyed: false)
    portal.service.folder = open.folder
    let other = [UInt8](repeating: 9, count: 32)
    #expect(try !portal.addSoftware(try TestBundle.make(key: other)).isVerified)
  }

  @Test("the pieces may be of any size", arguments: [1, 15, 16, 17, 300, 4_096, 100_000])
  func pieces(size: Int) throws {
    #expect(try portal.addSoftware(try TestBundle.make(), piece: size).size > 6_000)
  }

  @Test("what is no bundle, or damaged, is refused with words, and leaves nothing")
  func refused() throws {
    let good = try TestBundle.make()
    var flipped = good
    flipped[good.count - 800] ^= 1
    let cases: [([UInt8], String)] = [
      (Array("PK\u{3}\u{4}, a zip file or so, long enough".utf8), "no update bundle"),
      ([], "ends after 0 octets"), (Array(good.prefix(9)), "ends after 9 octets"),
      (Array(good.dropLast()), "ends within its part uki"), (good + [0], "behind its last part"),
      (flipped, "is damaged"),
      (try TestBundle.make(key: [UInt8](repeating: 9, count: 32)), "not signed"),
      (try TestBundle.make(product: "toaster"), "is for toaster"),
    ]
    for (octets, words) in cases {
      let error = TestPortal.error { try portal.addSoftware(octets) }
      #expect(error?.status == 400 && error?.message.contains(words) == true, "\(error as Any)")
    }
    #expect(try versions() == [] && Directory.names(place.path) == [])
  }

  @Test("2.12: three versions are kept; the default and those in use cannot be deleted")
  func limits() throws {
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
      try portal.addSoftware(try TestBundle.make(version))
    }
    let fourth = TestPortal.error { try portal.addSoftware(try TestBundle.make("1.3.0")) }
    #expect(fourth?.status == 409 && fourth?.message.contains("3 versions") == true)
    #expect(
      TestPortal.error { try portal.addSoftware(try TestBundle.make("1.2.0")) }?.status == 409)
    let preset = TestPortal.error {
      try portal.service.deleteSoftware("1.0.0", by: portal.admin)
    }
    #expect(preset?.message.contains("is the default") == true)
    _ = try portal.service.setDefaultSoftware("1.2.0", by: portal.admin)
    #expect(try portal.service.listSoftware(by: portal.admin).filter(\.isDefault).count == 1)
    let site = try portal.addSite(isPair: false)
    try portal.run(site.gateways[0], "standalone")
    try portal.report(site.gateways[0], "standalone", #","software":{"version":"1.1.0"}"#)
    let used = TestPortal.error { try portal.service.deleteSoftware("1.1.0", by: portal.admin) }
    #expect(used?.message == "1.1.0 is in use: paris-gw-01 runs it.")
    try portal.service.deleteSoftware("1.0.0", by: portal.admin)
    #expect(try versions() == ["1.2.0", "1.1.0"])
    #expect(!Directory.names(place.path).contains("1.0.0.ztb"))
    #expect(
      TestPortal.error { try portal.service.deleteSoftware("9.9.9", by: portal.admin) }?.status
        == 404)
  }

  @Test("only a super admin adds, deletes or installs; everybody sees")
  func roles() throws {
    try portal.addSoftware(try TestBundle.make())
    for role in [Role.networkAdmin, .securityAdmin, .viewer] {
      let user = User(id: 2, name: "x", role: role)
      #expect(TestPortal.error { _ = try portal.service.receiveSoftware(by: user) }?.status == 403)
      #expect(
        TestPortal.error { try portal.service.deleteSoftware("1.2.3", by: user) }?.status == 403)
      #expect(
        TestPortal.error { _ = try portal.service.setDefaultSoftware("1.2.3", by: user) }?.status
          == 403)
      #expect(try portal.service.listSoftware(by: user).count == 1)
    }
  }

  @Test("an upload that ends early leaves nothing; what a crash left is cleaned")
  func cleaning() throws {
    do {
      let file = try portal.service.receiveSoftware(by: portal.admin)
      file.take(try TestBundle.make())
      #expect(Directory.names(place.path).count == 1)
    }
    #expect(Directory.names(place.path) == [])
    try Files.replace(place.path + "/.incoming-1-1", with: [1])
    place.folder.clean()
    #expect(Directory.names(place.path) == [])
  }
}

@Suite("Forms with files")
struct MultipartReaderTests {
  private static let type = "multipart/form-data; boundary=----x1"

  private static func form(_ file: String) -> [UInt8] {
    Array(
      ("------x1\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nsecret\r\n"
        + "------x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ztb\"\r\n"
        + "Content-Type: application/octet-stream\r\n\r\n\(file)\r\n------x1--\r\n").utf8)
  }

  /// Fields, and the file put together.
  private static func read(_ body: [UInt8], piece: Int) throws -> ([String], String, Bool)? {
    var reader = try #require(MultipartReader(contentType: type))
    var fields: [String] = []
    var file: [UInt8] = []
    var rest = body[...]
    while !rest.isEmpty {
      guard let parts = reader.take(Array(rest.prefix(piece))) else { return nil }
      rest = rest.dropFirst(piece)
      for part in parts {
        switch part {
        case .field(let name, let value): fields.append("\(name)=\(value)")
        case .file(let octets): file += octets
        }
      }
    }
    return (fields, String(decoding: file, as: UTF8.self), reader.isComplete)
  }

  @Test("RFC 7578 4: field and file, however they are cut", arguments: 1...60)
  func pieces(size: Int) throws {
    let tricky = "\r\n--\r\n------x\r\n------\r\n--"
    let read = try #require(try Self.read(Self.form(tricky), piece: size))
    #expect(read.0 == ["csrf=secret"] && read.1 == tricky && read.2)
  }

  @Test("a form that ends early is not complete, wherever it ends")
  func truncated() throws {
    let whole = Self.form("abc")
    for count in 0..<(whole.count - 4) {
      let read = try Self.read(Array(whole.prefix(count)), piece: 1_000)
      #expect(read?.2 == false, "\(count)")
    }
  }

  @Test("what breaks the rules or the bounds is refused")
  func refused() throws {
    #expect(MultipartReader(contentType: "text/plain") == nil)
    #expect(MultipartReader(contentType: "multipart/form-data; boundary=") == nil)
    let nameless = Array("------x1\r\nX: y\r\n\r\nz\r\n------x1--\r\n".utf8)
    #expect(try Self.read(nameless, piece: 10) == nil)
    let endless = [UInt8](repeating: 65, count: 70_000)
    #expect(try Self.read(endless, piece: 1_000) == nil)
    let head = Array("------x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8)
    #expect(try Self.read(head + endless + endless, piece: 1_000) == nil)
  }
}
