extension Stylesheet {
  /// Tables, which become cards on narrow screens, and lists of facts.
  static let lists = """
    table { width: 100%; border-collapse: collapse; font-size: 13.5px; }
    th, td { padding: 9px 12px; text-align: left; vertical-align: top; }
    th:first-child, td:first-child { padding-left: 18px; }
    th:last-child, td:last-child { padding-right: 14px; }
    thead th {
      color: var(--quiet); font-size: 12px; font-weight: 600; white-space: nowrap;
      border-bottom: 1px solid var(--line);
    }
    thead a {
      display: inline-flex; align-items: center; gap: 4px; min-height: 24px; color: inherit;
      text-decoration: none;
    }
    thead a:hover { color: var(--ink); text-decoration: underline; }
    thead a .icon { width: 12px; height: 12px; }
    tbody th { font-weight: 400; }
    tbody tr + tr > * { border-top: 1px solid var(--line); }
    tbody tr:hover > * { background: var(--hover); }
    .list { position: relative; overflow-x: auto; }
    .list:focus-visible { border-radius: 8px; }
    td .code { font-size: 12.5px; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    time { white-space: nowrap; }
    td.actions { text-align: right; white-space: nowrap; padding-top: 5px; padding-bottom: 5px; }
    td.actions .button + .button { margin-left: 6px; }
    .stack { display: grid; gap: 4px; justify-items: start; }
    .stack > span { white-space: nowrap; display: flex; align-items: center; gap: 6px; min-height: 20px; line-height: 20px; }
    .stack .quiet { font-size: 12.5px; white-space: nowrap; }
    .pager { display: flex; align-items: center; gap: 8px; margin-top: 12px; font-size: 13px; }
    .pager p { color: var(--quiet); margin-right: auto; }
    .card:not(.list) > table { margin: 12px 0; }
    .card:not(.list) > table th:first-child { padding-left: 0; }
    .facts > div {
      display: grid; grid-template-columns: 128px minmax(0, 1fr); gap: 12px; padding: 5px 0;
    }
    .facts > div + div { border-top: 1px solid var(--line); }
    .facts dt { color: var(--quiet); }
    .strip {
      display: flex; flex-wrap: wrap; margin-bottom: 16px; background: var(--card);
      border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
    }
    .strip > div {
      flex: 1 1 140px; padding: 9px 18px; box-shadow: -1px -1px 0 var(--line);
    }
    .strip dt { color: var(--quiet); font-size: 12px; }
    .strip dd { font-weight: 600; }
    .strip .good dd { color: var(--good); }
    .strip .warn dd { color: var(--warn); }
    .strip .bad dd { color: var(--bad); }
    @media (max-width: 860px) {
      table, tbody, tr, tbody th, td { display: block; }
      table:not(.sortable) thead {
        position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      }
      .sortable thead { display: block; border-bottom: 1px solid var(--line); }
      .sortable thead tr {
        display: flex; flex-wrap: wrap; gap: 0 16px; padding: 6px 14px; color: var(--quiet);
      }
      .sortable thead tr::before { content: "Sort by"; font-size: 12px; line-height: 24px; }
      .sortable thead th { padding: 0; border: 0; }
      .sortable thead th.actions { display: none; }
      tbody tr { position: relative; padding: 10px 14px; overflow-wrap: anywhere; }
      .card:not(.list) tbody tr { padding: 10px 0; }
      tbody tr + tr { border-top: 1px solid var(--line); }
      tbody tr + tr > * { border-top: 0; }
      tbody tr:hover > * { background: none; }
      tbody th, tbody td, tbody th:first-child, tbody td:last-child { padding: 2px 0; }
      tbody th:first-child { padding-right: 40px; font-size: 14px; }
      tbody td[data-label] { position: relative; padding-left: 120px; min-height: 24px; }
      td[data-label]::before {
        content: attr(data-label); position: absolute; left: 0; color: var(--quiet);
        font-size: 12.5px;
      }
      td.number { text-align: left; }
      td.actions { text-align: left; padding-top: 8px; white-space: normal; }
      td:empty { display: none; }
      td.actions .icon-button { position: absolute; right: 6px; top: 3px; }
    }

    """
}
