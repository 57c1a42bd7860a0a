import Crypto
import FoundationEssentials
import Linux
import Testing
import Update

@testable import Roles

/// A disk of files: two slots, an EFI system partition with version 1.0.0, and a bundle of 1.1.0.
private final class FileDisk {
  let directory: String
  let key: Ed25519Key
  let parts: [BundleManifest.PartName: [UInt8]]
  let running = SoftwareVersion(1, 0, 0)
  let new = SoftwareVersion(1, 1, 0)

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/ztb-slots-\(UUID().uuidString)"
    key = try Ed25519Key.make()
    parts = [
      .root: (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 16) },
      .verity: [UInt8](repeating: 0x5A, count: 8_192),
      .uki: [UInt8](repeating: 0x4D, count: 70_001),
    ]
    try FileManager.default.createDirectory(
      atPath: directory + "/esp/EFI/Linux", withIntermediateDirectories: true)
    for name in ["root-a", "root-b"] { try make(name, [UInt8](repeating: 1, count: 3 << 20)) }
    for name in ["verity-a", "verity-b"] { try make(name, [UInt8](repeating: 1, count: 16_384)) }
    try make("esp/EFI/Linux/ztb_1.0.0.efi", [1])
    try make("esp/EFI/Linux/ztb_0.9.0.efi", [2])
    try make("esp/EFI/Linux/ztb_0.8.0.new", [3])
  }

  deinit {
    // What is left in the directory for temporary files harms nobody.
    try? FileManager.default.removeItem(atPath: directory)
  }

  func make(_ name: String, _ octets: [UInt8]) throws {
    try Files.replace("\(directory)/\(name)", with: octets)
  }

  func octets(_ name: String) throws -> [UInt8] { try Files.read("\(directory)/\(name)") }

  var entries: [String] { Directory.names(directory + "/esp/EFI/Linux") }

  var manifest: BundleManifest {
    BundleManifest(
      version: new, minimumVersion: .init(0, 1, 0), allowsDowngrade: false, profiles: ["vm"],
      rootHash: String(repeating: "ab", count: 32),
      parts: BundleManifest.PartName.allCases.map { name in
        let octets = parts[name] ?? []
        let digits = sha256(octets).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return .init(name, sha256: digits.joined(), size: UInt64(octets.count))
      })
  }

  func bundle(_ manifest: BundleManifest? = nil) throws -> [UInt8] {
    let manifest = manifest ?? self.manifest
    let unsigned = BundleHeader(manifest) { _ in [] }
    let signature = try key.sign(unsigned.signed)
    return unsigned.signed + signature
      + BundleManifest.PartName.allCases.flatMap { parts[$0] ?? [] }
  }

  var installation: SlotInstallation {
    let place = InstallPlace(
      slots: directory, partition: directory + "/esp", slot: "b", running: running, profile: "vm")
    return SlotInstallation(place: place, key: key.publicKey)
  }

  /// Installs a bundle; the words of the refusal, empty when there is none.
  func install(_ bundle: [UInt8], _ installation: SlotInstallation? = nil) throws -> String {
    try make("bundle", bundle)
    let file = try Descriptor.open(directory + "/bundle", 0)
    do throws(UpdateFailure) {
      let version = try (installation ?? self.installation).install(from: file.rawValue)
      #expect(version == new)
      return ""
    } catch { return "\(error)" }
  }
}

@Suite("Installation of an update")
struct InstallationTests {
  @Test("a bundle goes into the other slot, and its entry on trial beside the running one")
  func installs() throws {
    let disk = try FileDisk()
    var told: [SlotInstallation.Progress] = []
    var installation = disk.installation
    installation.report = { told.append($0) }
    #expect(try disk.install(try disk.bundle(), installation) == "")
    #expect(disk.entries == ["ztb_1.0.0.efi", "ztb_1.1.0+3.efi"])
    #expect(Array(try disk.octets("root-b").prefix(2_500_000)) == disk.parts[.root])
    #expect(Array(try disk.octets("verity-b").prefix(8_192)) == disk.parts[.verity])
    #expect(try disk.octets("esp/EFI/Linux/ztb_1.1.0+3.efi") == disk.parts[.uki])
    #expect(try disk.octets("root-a").allSatisfy { $0 == 1 })
    #expect(told.last == .writing(100))
    #expect(told.contains(.verifying(100)))
  }

  @Test(
    "wherever it is cut, the running version is what the loader starts",
    arguments: SlotInstallation.Step.allCases)
  func cut(step: SlotInstallation.Step) throws {
    let disk = try FileDisk()
    var installation = disk.installation
    installation.isCutAfter = { $0 == step }
    #expect(try disk.install(try disk.bundle(), installation) == "ended after \(step)")
    #expect(disk.entries.contains("ztb_1.0.0.efi"))
    #expect(try disk.octets("esp/EFI/Linux/ztb_1.0.0.efi") == [1])
    // A second entry is there only when its slot is whole.
    let others = disk.entries.filter { $0.hasSuffix(".efi") && $0 != "ztb_1.0.0.efi" }
    switch step {
    case .verified: #expect(others == ["ztb_0.9.0.efi"])
    case .entryNamed: #expect(others == ["ztb_1.1.0+3.efi"])
    default: #expect(others.isEmpty)
    }
    // The next try finds its way from there.
    #expect(try disk.install(try disk.bundle()) == "")
    #expect(disk.entries == ["ztb_1.0.0.efi", "ztb_1.1.0+3.efi"])
  }

  @Test("one octet that was changed anywhere is found before anything is written")
  func changed() throws {
    let disk = try FileDisk()
    let bundle = try disk.bundle()
    let header = try BundleHeader(parsing: Array(bundle.prefix(2_000)))
    let root = header.count + 1_234_567
    let places: [(Int, String)] = [
      (20, "the signature is not"), (header.signed.count + 5, "the signature is not"),
      (root, "root is not what was signed"), (bundle.count - 1, "uki is not what was signed"),
      (header.count + 2_500_001, "verity is not what was signed"), (3, "this is no update bundle"),
    ]
    for (place, words) in places {
      var changed = bundle
      changed[place] ^= 1
      #expect(try disk.install(changed).hasPrefix(words), "octet \(place)")
    }
    #expect(disk.entries == ["ztb_0.8.0.new", "ztb_0.9.0.efi", "ztb_1.0.0.efi"])
    #expect(try disk.octets("root-b").allSatisfy { $0 == 1 })
  }

  @Test("a bundle that is too short, too long, or signed by somebody else is refused")
  func wrongFile() throws {
    let disk = try FileDisk()
    let bundle = try disk.bundle()
    #expect(try disk.install(bundle.dropLast()).contains("octets instead of"))
    #expect(try disk.install(bundle + [0]).contains("octets instead of"))
    #expect(try disk.install(Array(bundle.prefix(40))).contains("within its header"))
    let stranger = try FileDisk()
    #expect(try disk.install(try stranger.bundle()).hasPrefix("the signature is not"))
    #expect(disk.entries == ["ztb_0.8.0.new", "ztb_0.9.0.efi", "ztb_1.0.0.efi"])
  }

  @Test("what is signed but not for this appliance is refused with every reason")
  func verdict() throws {
    let disk = try FileDisk()
    var manifest = disk.manifest
    manifest.profiles = ["zt400"]
    manifest.minimumVersion = .init(1, 0, 1)
    let words = try disk.install(try disk.bundle(manifest))
    #expect(words.contains("this appliance is vm"))
    #expect(words.contains("update to 1.0.1 first"))
    var installation = disk.installation
    installation.wanted = .init(2, 0, 0)
    #expect(
      try disk.install(try disk.bundle(), installation)
        == "the bundle is 1.1.0, not 2.0.0; choose the version that it has")
  }

  @Test("a disk that keeps something else is found out")
  func disk() throws {
    let disk = try FileDisk()
    var installation = disk.installation
    installation.isCutAfter = { step in
      // What stands on the disk changes after it was written.
      if step == .verityWritten { try? disk.make("root-b", [UInt8](repeating: 9, count: 3 << 20)) }
      return false
    }
    #expect(try disk.install(try disk.bundle(), installation).contains("root was written, but"))
    #expect(disk.entries == ["ztb_1.0.0.efi"])
  }

  @Test("an older version is preferred by using up the counter of the running one")
  func prefer() throws {
    let disk = try FileDisk()
    let entries = BootEntries(partition: disk.directory + "/esp")
    let old = SoftwareVersion(0, 9, 0)
    try entries.prefer(old, as: .blessed, over: disk.running)
    #expect(entries.all.map(\.description) == ["ztb_0.9.0.efi", "ztb_1.0.0+0.efi"])
    // And back again, from the older one.
    try entries.prefer(disk.running, as: .blessed, over: old)
    #expect(entries.all.map(\.description) == ["ztb_0.9.0.efi", "ztb_1.0.0.efi"])
    #expect(throws: SystemError.self) {
      try entries.prefer(disk.new, as: .blessed, over: disk.running)
    }
  }
}
