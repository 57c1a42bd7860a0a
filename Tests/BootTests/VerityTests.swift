import Testing
import Wire

@testable import Boot

/// `veritysetup format` on eight blocks of zeros.
enum VerityVector {
  static let salt: [UInt8] = [
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
  ]
  static let root = "90234f0437ab09c711fd909fb132bba5ad9177c9db2cc0deb75de385f74172c0"
  static let uuid: [UInt8] = [
    0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x80, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde,
  ]
  /// The hash of a block of zeros.
  static let leaf: [UInt8] = [
    0xe9, 0x42, 0x91, 0xcf, 0x06, 0x90, 0x47, 0x88, 0xfb, 0xe7, 0x48, 0x52, 0x6d, 0x42, 0x0f, 0x08,
    0x45, 0x08, 0xbb, 0xee, 0x6a, 0xca, 0xdf, 0x1a, 0xee, 0x8b, 0x1a, 0xfd, 0x07, 0x1a, 0x7c, 0x56,
  ]

  static let superblock: [UInt8] = {
    var bytes = Array("verity\0\0".utf8)
    bytes += [1, 0, 0, 0]  // version
    bytes += [1, 0, 0, 0]  // type of hash
    bytes += uuid
    bytes += Array("sha256".utf8) + zeros(26)
    bytes += [0, 16, 0, 0]  // octets of a data block
    bytes += [0, 16, 0, 0]  // octets of a hash block
    bytes += [8, 0, 0, 0, 0, 0, 0, 0]  // data blocks
    bytes += [16, 0] + zeros(6)  // octets of the salt
    bytes += salt + zeros(240)
    return bytes + zeros(168)
  }()

  static let topBlock = [[UInt8]](repeating: leaf, count: 8).flatMap { $0 } + zeros(4_096 - 256)

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

@Suite struct VeritySuperblockTests {
  @Test("the head that veritysetup writes is read")
  func parsing() throws {
    let superblock = try VeritySuperblock(parsing: VerityVector.superblock)
    #expect(superblock.dataBlocks == 8)
    #expect(superblock.salt == VerityVector.salt)
  }

  @Test("the root hash is the one that veritysetup prints")
  func rootHash() throws {
    let superblock = try VeritySuperblock(parsing: VerityVector.superblock)
    #expect(superblock.rootHash(topBlock: VerityVector.topBlock).description == VerityVector.root)
    var other = VerityVector.topBlock
    other[4_095] = 1
    #expect(superblock.rootHash(topBlock: other).description != VerityVector.root)
  }

  @Test("the kernel gets the parameters of its verity target, with panic on corruption")
  func parameters() throws {
    let superblock = try VeritySuperblock(parsing: VerityVector.superblock)
    let hash = try #require(RootHash(VerityVector.root))
    #expect(
      superblock.parameters(data: "254:2", tree: "254:3", rootHash: hash)
        == "1 254:2 254:3 4096 4096 8 1 sha256 \(VerityVector.root)"
        + " 00112233445566778899aabbccddeeff 1 panic_on_corruption")
  }

  @Test("a head that is cut off is refused at every length")
  func truncation() {
    for count in 0..<VeritySuperblock.octetCount {
      #expect(throws: WireError.self) {
        try VeritySuperblock(parsing: Array(VerityVector.superblock.prefix(count)))
      }
    }
  }

  @Test(
    "another signature, version, hash, block size, size of the root or salt is refused",
    arguments: [0, 8, 12, 32, 38, 64, 65, 69, 77, 81])
  func refusal(offset: Int) {
    var bytes = VerityVector.superblock
    bytes[offset] ^= 0x40
    #expect(throws: WireError.self) { try VeritySuperblock(parsing: bytes) }
  }
}

@Suite struct RootHashTests {
  @Test("the last whole hash of the command line counts")
  func commandLine() {
    let line = "console=ttyS0 quiet ztb.roothash=\(VerityVector.root) ztb.bless=5\n"
    #expect(RootHash(commandLine: line)?.description == VerityVector.root)
    #expect(RootHash(commandLine: "quiet") == nil)
    #expect(RootHash(commandLine: line + " ztb.roothash=00") == nil)
  }

  @Test("a hash is 64 hexadecimal digits and nothing else")
  func digits() {
    #expect(RootHash(VerityVector.root.dropLast()) == nil)
    #expect(RootHash(VerityVector.root + "0") == nil)
    #expect(RootHash(VerityVector.root.dropLast() + "g") == nil)
    #expect(RootHash(VerityVector.root.dropLast() + " 0") == nil)
    #expect(RootHash(VerityVector.root.uppercased())?.description == VerityVector.root)
  }
}

@Suite struct SHA256Tests {
  @Test(
    "the examples of FIPS 180",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func examples(text: String, digest: String) {
    #expect(Hexadecimal.text(SHA256.digest(Array(text.utf8))) == digest)
  }

  @Test("the padding around the end of a block")
  func padding() {
    let ends = [
      55: "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
      56: "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
      64: "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
    ]
    for (count, digest) in ends {
      let message = [UInt8](repeating: UInt8(ascii: "a"), count: count)
      #expect(Hexadecimal.text(SHA256.digest(message)) == digest)
    }
  }
}

@Suite struct MapperRequestTests {
  @Test("a request without a target is a head with version, size and name")
  func head() {
    let bytes = MapperRequest(name: "root").bytes
    #expect(bytes.count == 312)
    #expect(Array(bytes[0..<20]) == [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 56, 1, 0, 0, 56, 1, 0, 0])
    #expect(Array(bytes[20..<32]) == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
    #expect(Array(bytes[48..<53]) == Array("root\0".utf8))
  }

  @Test("a target follows with its sectors, its type and a text that ends with zero")
  func target() {
    let bytes = MapperRequest(
      name: "root", target: "verity", sectors: 0x1_0203, parameters: "1 2 34567"
    ).bytes
    #expect(bytes.count == 312 + 40 + 16)
    #expect(Array(bytes[12..<16]) == [112, 1, 0, 0])
    #expect(bytes[20] == 1)
    #expect(Array(bytes[312..<336]) == VerityVector.zeros(8) + [3, 2, 1] + VerityVector.zeros(13))
    #expect(Array(bytes[336..<352]) == Array("verity".utf8) + VerityVector.zeros(10))
    #expect(Array(bytes[352..<368]) == Array("1 2 34567".utf8) + VerityVector.zeros(7))
  }

  @Test("the minor number of the answer, also above 255")
  func minor() {
    var request = MapperRequest(name: "root")
    request.bytes.replaceSubrange(40..<44, with: [3, 254, 0, 0])
    #expect(request.minor == 3)
    request.bytes.replaceSubrange(40..<44, with: [3, 254, 0x10, 0])
    #expect(request.minor == 0x103)
  }
}
