import Activation
import Configuration
import PortalPages
import Wire

/// The sites that a view of the list shows, in its order.
struct SiteSelection {
  /// Sites a page.
  static let pageSize = 50

  /// The view; its page is one that exists.
  private(set) var query: SiteQuery
  /// The sites of the page.
  let rows: [SitesPage.Row]
  /// Sites on all pages.
  let matching: Int
  /// Gateways by state, over all sites.
  let counts: [(state: GatewayState, count: Int)]

  init(_ all: [SiteDetail], _ wanted: SiteQuery) {
    var query = wanted
    let word = query.search.lowercased()
    let state = query.state
    let found = all.filter { detail in
      (state == nil || detail.gateways.contains { $0.life.state == state })
        && (word.isEmpty || Self.texts(detail).contains { $0.lowercased().contains(word) })
    }
    let ordered = Self.sorted(found, by: query.sort)
    let pages = max(1, (found.count + Self.pageSize - 1) / Self.pageSize)
    query.page = min(query.page, pages)
    let directed = query.isDescending ? ordered.reversed() : ordered
    let first = (query.page - 1) * Self.pageSize
    rows = directed.dropFirst(first).prefix(Self.pageSize).map(Self.row)
    matching = found.count
    self.query = query
    let states = Dictionary(grouping: all.flatMap(\.gateways), by: \.life.state)
    counts = GatewayState.allCases.compactMap { state in
      states[state].map { (state, $0.count) }
    }
  }

  /// What a search looks at.
  private static func texts(_ detail: SiteDetail) -> [String] {
    [detail.site.name, detail.template.name, lan(detail), wan(detail)]
      + detail.gateways.flatMap { [$0.name, $0.serial, $0.platform] }
  }

  private static func sorted(
    _ list: [SiteDetail], by column: SiteQuery.Column
  ) -> [SiteDetail] {
    switch column {
    case .name: order(list) { $0.site.name.lowercased() }
    case .state: order(list) { $0.gateways.map(\.life.state.rawValue).joined() }
    case .gateways: order(list) { $0.gateways.first?.name.lowercased() ?? "" }
    case .template: order(list) { $0.template.name.lowercased() }
    case .deployment: order(list) { $0.template.deployment.rawValue }
    case .platform: order(list) { platform($0) }
    case .lan: order(list) { lanAddress($0)?.address ?? IPv4Address(0) }
    case .wan: order(list) { wanAddress($0)?.address ?? IPv4Address(0) }
    case .contact: order(list) { contact($0) ?? 0 }
    case .created: order(list) { $0.site.created }
    }
  }

  /// In the order of a key, and of the names where it is equal: the service lists by name.
  private static func order<Key: Comparable>(
    _ list: [SiteDetail], _ key: (SiteDetail) -> Key
  ) -> [SiteDetail] {
    let keyed = list.enumerated().map { (key($0.element), $0.offset, $0.element) }
    return keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  // MARK: Cells

  private static func row(_ detail: SiteDetail) -> SitesPage.Row {
    var row = SitesPage.Row(id: "\(detail.site.id)", name: detail.site.name)
    row.gateways = detail.gateways.map {
      SitesPage.Gateway(
        name: $0.name, state: $0.life.state, lastState: $0.life.last,
        isActivated: $0.isActivated)
    }
    row.template = detail.template.name
    row.deployment = detail.template.deployment.rawValue
    row.platform = platform(detail)
    row.lan = lan(detail)
    row.wan = wan(detail)
    row.contact = contact(detail)
    row.created = detail.site.created
    return row
  }

  private static func lanAddress(_ detail: SiteDetail) -> IPv4Prefix? {
    detail.site.lanVirtualIP ?? detail.gateways.first?.lanAddress
  }

  private static func wanAddress(_ detail: SiteDetail) -> IPv4Prefix? {
    detail.site.wanVirtualIP ?? detail.gateways.first?.wanAddress
  }

  private static func lan(_ detail: SiteDetail) -> String {
    lanAddress(detail)?.description ?? ""
  }

  private static func wan(_ detail: SiteDetail) -> String {
    wanAddress(detail)?.description ?? "DHCP"
  }

  private static func platform(_ detail: SiteDetail) -> String {
    Set(detail.gateways.map(\.platform)).sorted().joined(separator: " + ")
  }

  private static func contact(_ detail: SiteDetail) -> Int64? {
    detail.gateways.filter(\.isActivated).compactMap(\.life.heardAt).max()
  }
}
