import Linux

/// Steps that share their virtual machines, in this order: to boot and activate a pair takes
/// longer than most of what is done with it.
struct ApplianceStory: Sendable {
  /// One line of the acceptance list.
  struct Step: Sendable {
    let name: String
    let summary: String
    /// Whether every later step builds on it.
    var isFoundation = false
    let body: @Sendable (ApplianceScene) throws -> Void
  }

  let name: String
  /// The disk that the machines start with.
  var build = ApplianceImages.Build.first
  /// What starts their kernels.
  var start = Appliance.Start.firmware
  let steps: [Step]

  static let all = [direct, watchdog, secureBoot, returns, pair]

  /// Two machines from the carton to the last update.
  static let pair = ApplianceStory(
    name: "pair",
    steps: bootSteps + processSteps + scanSteps + outageSteps + updateSteps + menuSteps)
}

/// The place of a story.
final class ApplianceScene {
  let stage: Stage
  let images: ApplianceImages
  let appliance: Appliance
  let place: ActivationWorld
  /// Loads of the story, once they run.
  var fleet: Fleet?
  private var administrator: PortalAdmin?
  private var made: PortalSite?

  init(_ stage: Stage, _ images: ApplianceImages, _ story: ApplianceStory) throws {
    self.stage = stage
    self.images = images
    appliance = try images.appliance(story.build, story.start)
    place = try ActivationWorld(stage, profile: "vm", appliance: appliance)
  }

  var world: World { place.world }

  /// The portal's administrator; the portal serves from the first use on.
  func admin() throws -> PortalAdmin {
    if let administrator { return administrator }
    let admin = try place.admin()
    administrator = admin
    return admin
  }

  /// The site of the story; made by ``addSite(isPair:)``.
  func site() throws -> PortalSite {
    guard let made else { throw LabError.failed("nothing is activated yet") }
    return made
  }

  /// Makes the site.
  func addSite(isPair: Bool) throws -> PortalSite {
    let site = try admin().addSite(SiteShape("appliance", isPair: isPair, platform: "vm"))
    made = site
    return site
  }

  /// A node's virtual machine.
  func machine(_ node: Node) throws -> Machine {
    guard let machine = world.gateway(node) as? Machine else {
      preconditionFailure("an appliance's world has virtual machines")
    }
    return machine
  }

  func terminal(_ node: Node) -> Terminal { place.terminal(node) }
}
