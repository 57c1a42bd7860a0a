/// The appliance that an update is for.
public struct UpdateTarget: Hashable, Sendable {
  /// The version that runs.
  public var version: SoftwareVersion
  /// Its profile.
  public var profile: String
  /// Octets that there is room for, by part.
  public var room: [BundleManifest.PartName: UInt64]

  /// Joins the values.
  public init(
    version: SoftwareVersion, profile: String, room: [BundleManifest.PartName: UInt64]
  ) {
    self.version = version
    self.profile = profile
    self.room = room
  }
}

/// Why a bundle, though it is signed, may not be installed here.
public enum UpdateRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is for something else.
  case product(String)
  /// It is for other models.
  case profile(ours: String, theirs: [String])
  /// It is what runs.
  case sameVersion(SoftwareVersion)
  /// It is older than what runs.
  case older(SoftwareVersion, running: SoftwareVersion)
  /// What runs is too old for it.
  case minimumVersion(SoftwareVersion, running: SoftwareVersion)
  /// It has no such part.
  case missing(BundleManifest.PartName)
  /// A part does not fit.
  case tooLarge(BundleManifest.PartName, octets: UInt64, room: UInt64)

  public var description: String {
    switch self {
    case .product(let name):
      "the bundle is for \(name), not for \(BundleManifest.product); take the right file"
    case .profile(let ours, let theirs):
      "the bundle is for \(theirs.joined(separator: ", ")), this appliance is \(ours); "
        + "take the bundle for \(ours)"
    case .sameVersion(let version): "\(version) runs already; there is nothing to install"
    case .older(let version, let running):
      "\(version) is older than \(running), which runs; "
        + "take a newer bundle, or one that was signed for going back"
    case .minimumVersion(let minimum, let running):
      "the bundle needs \(minimum) or newer, \(running) runs; update to \(minimum) first"
    case .missing(let part): "the bundle has no part \(part.rawValue); fetch it again"
    case .tooLarge(let part, let octets, let room):
      "\(part.rawValue) has \(octets) octets, there is room for \(room); "
        + "install the image of this version anew"
    }
  }
}

extension BundleManifest {
  /// Everything that speaks against installing this bundle on an appliance; empty: nothing.
  public func refusals(on target: UpdateTarget) -> [UpdateRefusal] {
    var refusals: [UpdateRefusal] = []
    if product != Self.product { refusals.append(.product(product)) }
    if !profiles.contains(target.profile) {
      refusals.append(.profile(ours: target.profile, theirs: profiles))
    }
    if version == target.version { refusals.append(.sameVersion(version)) }
    if version < target.version && !allowsDowngrade {
      refusals.append(.older(version, running: target.version))
    }
    if target.version < minimumVersion {
      refusals.append(.minimumVersion(minimumVersion, running: target.version))
    }
    for name in PartName.allCases {
      guard let part = parts.first(where: { $0.name == name }) else {
        refusals.append(.missing(name))
        continue
      }
      let room = target.room[name] ?? 0
      if part.size > room {
        refusals.append(.tooLarge(name, octets: part.size, room: room))
      }
    }
    return refusals
  }
}
