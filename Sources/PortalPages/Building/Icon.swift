/// Small pictures, drawn with lines on a grid of 16; they take the colour of the text around.
enum Icon: String, CaseIterable {
  case sites = "M2 14h12M3.5 14V5.5L8 2.5l4.5 3V14M6.5 14v-3.5h3V14M6.5 7.5h3"
  case templates = "M2.5 2.5h11v3h-11zM2.5 8.5h4v5h-4zM9.5 8.5h4v5h-4z"
  case users =
    "M6 7.5a2.5 2.5 0 1 0 0-5a2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.6 1.9-4 4.5-4s4.5 1.4 4.5 4M10.5 2.8a2.4 2.4 0 0 1 0 4.6M12 9.8c1.6.5 2.5 1.8 2.5 3.7"
  case audit = "M4 1.5h8v13H4zM6.5 5h3M6.5 8h3M6.5 11h2"
  case settings =
    "M2 4.5h5M11 4.5h3M2 11.5h2M8 11.5h6M9 6.5a2 2 0 1 0 0-4a2 2 0 0 0 0 4M6 13.5a2 2 0 1 0 0-4a2 2 0 0 0 0 4"
  case send = "M14 2L7 9M14 2L9.5 14L7 9L2 6.5z"
  case copy = "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"
  case check = "M3 8.5l3.5 3.5L13 4.5"
  case alert = "M8 2L14.5 13.5h-13zM8 6.5v3M8 11.4v.2"
  case info = "M8 14.5a6.5 6.5 0 1 0 0-13a6.5 6.5 0 0 0 0 13M8 7.5v3.5M8 4.9v.2"
  case search = "M7 12a5 5 0 1 0 0-10a5 5 0 0 0 0 10M10.7 10.7L14 14"
  case columns = "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11"
  case plus = "M8 3v10M3 8h10"
  case ascending = "M8 13V3.5M4.5 7L8 3.5L11.5 7"
  case descending = "M8 3v9.5M4.5 9L8 12.5L11.5 9"
  case leave = "M6 2.5H2.5v11H6M10.5 5L13.5 8l-3 3M13.5 8H6"
  case back = "M9.5 3.5L5 8l4.5 4.5"
  case swap = "M2.5 5.5h10M9.5 2.5l3 3l-3 3M13.5 10.5h-10M6.5 7.5l-3 3l3 3"
  case pause = "M5.5 3v10M10.5 3v10"
  case software = "M8 2v7M5 6l3 3l3-3M2.5 10.5v3h11v-3"
  case play = "M4.5 2.8L13 8l-8.5 5.2z"

  /// The picture; hidden from screen readers, so a text must stand beside it.
  var markup: Markup {
    """
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" \
    focusable="false"><path d="\(rawValue)"/></svg>
    """
  }

  /// Two gateways that share a branch.
  static let mark: Markup = """
    <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" \
    focusable="false"><rect width="24" height="24" rx="6"/>\
    <path d="M12 5v5M12 10L7 15M12 10l5 5"/><circle cx="12" cy="5.5" r="2"/>\
    <circle cx="6.5" cy="16.5" r="2.5"/><circle cx="17.5" cy="16.5" r="2.5"/></svg>
    """
}
