public import Activation
public import HTTP

/// What the list of sites shows; it lives in the address, so that a view can be kept and sent.
public struct SiteQuery: Hashable, Sendable {
  /// A column of the list.
  public enum Column: String, CaseIterable, Sendable {
    /// Name of the site; always shown.
    case name
    /// State of each gateway.
    case state
    /// Names of the gateways.
    case gateways
    /// The template.
    case template
    /// Deployment type.
    case deployment
    /// Platforms.
    case platform
    /// Virtual or own address on the LAN.
    case lan
    /// Virtual or own address on the WAN.
    case wan
    /// Last contact with a gateway.
    case contact
    /// When it was added.
    case created

    /// The heading.
    public var title: String {
      switch self {
      case .name: "Name"
      case .state: "State"
      case .gateways: "Gateways"
      case .template: "Template"
      case .deployment: "Deployment type"
      case .platform: "Platform"
      case .lan: "LAN address"
      case .wan: "WAN address"
      case .contact: "Last contact"
      case .created: "Added"
      }
    }

    /// What is shown when nothing was chosen.
    public static let usual: [Column] = [.name, .state, .gateways, .template, .lan, .contact]
  }

  /// Text that name, gateway, template or address contains.
  public var search = ""
  /// Only sites with a gateway in this state.
  public var state: GatewayState?
  /// The column that orders the list.
  public var sort = Column.name
  /// From the last to the first.
  public var isDescending = false
  /// The columns, in the order of ``Column``.
  public var columns = Column.usual
  /// Page, from 1.
  public var page = 1

  /// The usual view.
  public init() {}

  /// Reads the query of an address; what is not understood is left at its usual value.
  public init(_ fields: [HTTPField]) {
    search = String((fields["search"] ?? "").prefix(100))
    state = fields["state"].flatMap(GatewayState.init(rawValue:))
    sort = fields["sort"].flatMap(Column.init(rawValue:)) ?? .name
    isDescending = fields["order"] == "descending"
    let chosen = Set(fields.filter { $0.name == "column" }.map(\.value))
    if !chosen.isEmpty {
      columns = Column.allCases.filter { $0 == .name || chosen.contains($0.rawValue) }
    }
    page = max(1, fields["page"].flatMap { Int($0) } ?? 1)
  }

  /// Names and values for an address or hidden fields; usual values are left out.
  var fields: [HTTPField] {
    var fields: [HTTPField] = []
    if !search.isEmpty { fields.append(HTTPField("search", search)) }
    if let state { fields.append(HTTPField("state", state.rawValue)) }
    if sort != .name { fields.append(HTTPField("sort", sort.rawValue)) }
    if isDescending { fields.append(HTTPField("order", "descending")) }
    if columns != Column.usual {
      fields += columns.map { HTTPField("column", $0.rawValue) }
    }
    if page > 1 { fields.append(HTTPField("page", String(page))) }
    return fields
  }

  /// The address of this view.
  public var link: String {
    let pairs = fields.map { URLCoding.encode($0.name) + "=" + URLCoding.encode($0.value) }
    return Paths.sites + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  /// The same with something changed; the first page again unless the page is what changed.
  func with<Value>(_ path: WritableKeyPath<SiteQuery, Value>, _ value: Value) -> SiteQuery {
    var copy = self
    copy.page = 1
    copy[keyPath: path] = value
    return copy
  }

  /// The view after a press on a heading.
  func sorted(by column: Column) -> SiteQuery {
    with(\.isDescending, sort == column && !isDescending).with(\.sort, column)
  }
}
