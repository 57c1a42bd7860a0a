import JSON

/// Collects the values of a manifest and everything that is wrong with them.
struct ManifestReader {
  private let value: JSONValue
  private(set) var problems: [ManifestProblems.Problem] = []

  init(_ value: JSONValue) { self.value = value }

  /// The manifest; nil, and problems, unless every value is there and right.
  mutating func manifest() -> BundleManifest? {
    let keys = [
      "allowDowngrade", "minimumVersion", "parts", "product", "profiles", "rootHash", "version",
    ]
    guard check(value, "", keys: keys) else { return nil }
    let downgrade = value["allowDowngrade"]?.bool
    if downgrade == nil { complain("allowDowngrade", "must be true or false") }
    let minimum = self.version("minimumVersion")
    let product = name(value["product"], "product")
    let profiles = self.profiles()
    let rootHash = digest(value["rootHash"], "rootHash")
    let version = self.version("version")
    let parts = self.parts()
    guard let downgrade, let minimum, let product, let rootHash, let version else { return nil }
    return BundleManifest(
      version: version, minimumVersion: minimum, allowsDowngrade: downgrade, profiles: profiles,
      rootHash: rootHash, parts: parts, product: product)
  }

  private mutating func complain(_ path: String, _ message: String) {
    problems.append(.init(path: path, message: message))
  }

  /// Whether a value is an object; keys that are missing, unknown or there twice are problems.
  private mutating func check(_ value: JSONValue?, _ path: String, keys: [String]) -> Bool {
    guard let members = value?.members else {
      complain(path, "must be an object")
      return false
    }
    let place = path.isEmpty ? "" : path + "."
    for key in keys where !members.contains(where: { $0.key == key }) {
      complain(place + key, "is missing")
    }
    var seen: Set<String> = []
    for member in members {
      if !keys.contains(member.key) { complain(place + member.key, "is not known") }
      if !seen.insert(member.key).inserted { complain(place + member.key, "is there twice") }
    }
    return true
  }

  private mutating func version(_ key: String) -> SoftwareVersion? {
    guard let text = value[key]?.string, let version = SoftwareVersion(text) else {
      complain(key, "must be a version such as 1.2.3")
      return nil
    }
    return version
  }

  private mutating func name(_ value: JSONValue?, _ path: String) -> String? {
    guard let text = value?.string, (1...UpdateLimits.nameOctets).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      complain(path, "must be a word of 1…\(UpdateLimits.nameOctets) characters")
      return nil
    }
    return text
  }

  private mutating func digest(_ value: JSONValue?, _ path: String) -> String? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    guard let text = value?.string, text.utf8.count == 64,
      text.utf8.allSatisfy({ digits.contains($0) || letters.contains($0) })
    else {
      complain(path, "must be 64 hexadecimal digits in lower case")
      return nil
    }
    return text
  }

  private mutating func profiles() -> [String] {
    guard let list = value["profiles"]?.array, (1...UpdateLimits.profiles).contains(list.count)
    else {
      complain("profiles", "must be a list of 1…\(UpdateLimits.profiles) names")
      return []
    }
    var names: [String] = []
    for (index, element) in list.enumerated() {
      guard let name = self.name(element, "profiles[\(index)]") else { continue }
      if names.contains(name) { complain("profiles[\(index)]", "\(name) is there twice") }
      names.append(name)
    }
    return names
  }

  private mutating func parts() -> [BundleManifest.Part] {
    let names = BundleManifest.PartName.allCases
    guard let list = value["parts"]?.array, list.count == names.count else {
      complain("parts", "must be \(names.map(\.rawValue).joined(separator: ", "))")
      return []
    }
    var parts: [BundleManifest.Part] = []
    for (index, name) in names.enumerated() {
      if let part = self.part(list[index], "parts[\(index)]", name) { parts.append(part) }
    }
    return parts
  }

  private mutating func part(
    _ value: JSONValue, _ path: String, _ name: BundleManifest.PartName
  ) -> BundleManifest.Part? {
    guard check(value, path, keys: ["name", "sha256", "size"]) else { return nil }
    if value["name"]?.string != name.rawValue {
      complain(path + ".name", "must be \(name.rawValue)")
    }
    let sha256 = digest(value["sha256"], path + ".sha256")
    guard let size = value["size"]?.integer.map({ UInt64(clamping: $0) }),
      (1...UpdateLimits.partOctets).contains(size)
    else {
      complain(path + ".size", "must be 1…\(UpdateLimits.partOctets)")
      return nil
    }
    return sha256.map { BundleManifest.Part(name, sha256: $0, size: size) }
  }
}
