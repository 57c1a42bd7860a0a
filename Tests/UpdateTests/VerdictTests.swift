import Testing
import Update

@Suite struct VerdictTests {
  private func words(
    _ manifest: BundleManifest, on version: String = "1.0.0", profile: String = "vm"
  ) -> [String] {
    let target = UpdateTarget(
      version: SoftwareVersion(version) ?? .init(0, 0, 0), profile: profile,
      room: [.root: 4_096, .verity: 512, .uki: 2_000])
    return manifest.refusals(on: target).map(\.description)
  }

  @Test("a newer version for this profile that fits may be installed")
  func allowed() {
    #expect(words(Sample.manifest()).isEmpty)
    #expect(words(Sample.manifest(downgrade: true), on: "2.0.0").isEmpty)
  }

  @Test("every refusal says what is wrong and what to do")
  func refused() {
    #expect(
      words(Sample.manifest(), on: "1.2.3") == [
        "1.2.3 runs already; there is nothing to install"
      ])
    #expect(
      words(Sample.manifest(), on: "1.10.0") == [
        "1.2.3 is older than 1.10.0, which runs; take a newer bundle, or one that was signed for "
          + "going back"
      ])
    #expect(
      words(Sample.manifest(minimum: "1.1.0")) == [
        "the bundle needs 1.1.0 or newer, 1.0.0 runs; update to 1.1.0 first"
      ])
    #expect(
      words(Sample.manifest(), profile: "zt200") == [
        "the bundle is for vm, zt400, this appliance is zt200; take the bundle for zt200"
      ])
  }

  @Test(
    "a part that does not fit, one that is not there and a foreign product are refused together")
  func parts() {
    var manifest = Sample.manifest()
    manifest.product = "toaster"
    manifest.parts[0].size = 4_097
    manifest.parts.removeLast()
    #expect(
      words(manifest) == [
        "the bundle is for toaster, not for zt-branch; take the right file",
        "root has 4097 octets, there is room for 4096; install the image of this version anew",
        "the bundle has no part uki; fetch it again",
      ])
  }
}

@Suite struct BootEntryTests {
  @Test(
    "a name is read back as it is written",
    arguments: ["ztb_1.2.3.efi", "ztb_1.2.3+3.efi", "ztb_1.2.3+2-1.efi", "ztb_0.10.0+0-3.efi"])
  func identity(_ name: String) { #expect(BootEntry(fileName: name)?.description == name) }

  @Test(
    "anything else is not ours",
    arguments: [
      "", "ztb_.efi", "ztb_1.2.3", "ztb_1.2.efi", "ztb_1.2.3+.efi", "ztb_1.2.3+3-.efi",
      "ztb_1.2.3+-1.efi", "ztb_1.2.3+256.efi", "ztb_1.2.3+1-2-3.efi", "ZTB_1.2.3.efi",
      "ztb_1.2.3+3.efi.new", "ztb_1.2.3++3.efi",
    ])
  func refused(_ name: String) { #expect(BootEntry(fileName: name) == nil) }

  @Test("only a counter that is used up is exhausted")
  func exhausted() {
    let version = SoftwareVersion(1, 2, 3)
    #expect(BootEntry(version, .trial(left: 0, done: 3)).isExhausted)
    #expect(!BootEntry(version, .trial(left: 1, done: 2)).isExhausted)
    #expect(!BootEntry(version, .blessed).isExhausted)
    #expect(!BootEntry(version, .blessed).isTrial)
  }
}
