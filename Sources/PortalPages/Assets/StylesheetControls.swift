extension Stylesheet {
  /// Buttons, fields, search, menus.
  static let controls = """
    button, .button {
      display: inline-flex; align-items: center; justify-content: center; gap: 7px;
      min-height: 34px; padding: 5px 13px; border: 1px solid var(--edge); border-radius: 6px;
      background: var(--card); color: var(--ink); font: inherit; font-weight: 500;
      text-decoration: none; cursor: pointer; white-space: nowrap;
    }
    button:hover, .button:hover { background: var(--hover); color: var(--ink); }
    .button.primary, button.primary {
      background: var(--accent); border-color: var(--accent); color: var(--on-accent);
    }
    .button.primary:hover, button.primary:hover {
      background: var(--accent-hover); border-color: var(--accent-hover);
    }
    button.danger { background: var(--bad); border-color: var(--bad); color: var(--card); }
    button.danger:hover { filter: brightness(1.08); }
    .button.small, button.small {
      min-height: 28px; padding: 2px 10px; font-size: 13px; border-color: var(--line);
    }
    .button.small:hover { border-color: var(--edge); }
    .block { width: 100%; }
    .icon-button {
      min-height: 32px; width: 32px; padding: 0; border: 1px solid transparent;
      background: none; color: var(--quiet); display: inline-flex; align-items: center;
      justify-content: center; border-radius: 6px;
    }
    .icon-button:hover { background: var(--sunk); color: var(--ink); }
    .icon-button[hidden], button[hidden] { display: none; }
    .icon-button.copied { background: var(--good-soft); color: var(--good); }
    .buttons { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 18px; }
    .inline { display: inline; }
    .form { display: block; }
    .field, .row { margin-bottom: 14px; min-width: 0; }
    .card > :last-child, .row .field { margin-bottom: 0; }
    .field > label:not(.box), .field > legend { display: block; font-weight: 600; margin-bottom: 3px; }
    .field > .hint { margin-top: 3px; }
    fieldset > .hint { margin-bottom: 6px; }
    .optional { color: var(--quiet); font-weight: 400; font-size: 12.5px; margin-left: 4px; }
    .field > input, .field > select { width: 100%; }
    .field.short > input { max-width: 140px; }
    .field.medium { max-width: 420px; }
    input, select, textarea {
      min-height: 34px; padding: 5px 9px; border: 1px solid var(--edge); border-radius: 6px;
      background: var(--card); color: var(--ink); font: inherit;
    }
    input.code, textarea.code { font-family: var(--code); font-size: 13px; }
    input:focus-visible, select:focus-visible, textarea:focus-visible {
      outline-offset: 0; border-color: var(--accent); border-radius: 6px;
    }
    input[aria-invalid], select[aria-invalid] { border-color: var(--bad); }
    input::placeholder { color: var(--quiet); opacity: 1; }
    fieldset:disabled input, fieldset:disabled select { background: var(--sunk); color: var(--quiet); }
    .problem { display: flex; gap: 6px; margin-top: 5px; color: var(--bad); font-size: 13px; }
    .problem .icon { margin-top: 1px; }
    .row { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 20px; align-items: start; }
    .row.three { grid-template-columns: 1fr 1fr 1fr; }
    .row.five { grid-template-columns: repeat(5, 1fr); }
    .row .field { max-width: none; }
    .boxes { display: grid; gap: 6px; margin-top: 4px; }
    .box { display: flex; gap: 9px; align-items: flex-start; cursor: pointer; padding: 1px 0; }
    .box input {
      flex: none; width: 16px; height: 16px; min-height: 0; margin: 2px 0 0;
      accent-color: var(--accent);
    }
    .box .hint { display: block; }
    .effects, .notes { list-style: disc; padding-left: 18px; margin-bottom: 14px; }
    .effects li, .notes li { margin-bottom: 5px; max-width: 76ch; }
    .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; margin-bottom: 12px; }
    .search { position: relative; display: flex; flex: 0 1 460px; gap: 8px; }
    .search .icon { position: absolute; left: 10px; top: 9px; color: var(--quiet); }
    .search input { flex: 1; min-width: 0; padding-left: 32px; }
    .menu { position: relative; margin-left: auto; }
    .menu summary { list-style: none; }
    .menu summary::-webkit-details-marker { display: none; }
    .panel {
      position: absolute; right: 0; top: calc(100% + 6px); z-index: 5; width: 220px;
      padding: 14px 16px; background: var(--card); border: 1px solid var(--line);
      border-radius: 8px; box-shadow: var(--raised);
    }
    .panel legend { font-weight: 600; margin-bottom: 8px; }
    .panel .box { padding: 3px 0; }
    .panel button { margin-top: 10px; width: 100%; }
    .filters { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 12px; }
    .filter {
      display: inline-flex; align-items: center; gap: 5px; padding: 2px 10px 2px 5px;
      border: 1px solid var(--line); border-radius: 14px; background: var(--card);
      text-decoration: none; font-size: 13px;
    }
    a.filter .state { background: none; padding: 0; font-weight: 500; }
    .filter:hover { border-color: var(--edge); }
    .filter[aria-current] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
    .filter .count { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    @supports selector(:has(*)) {
      .form:has(input[name="deploymentType"][value="standalone"]:checked) .only-ha,
      .gateway-form:has(input[value="dhcp"]:checked) .only-static { display: none; }
    }
    @media (max-width: 860px) {
      .row, .row.three, .row.five { grid-template-columns: 1fr; }
      .search { flex: 1 1 100%; }
      .menu { margin-left: 0; }
      .panel { right: auto; left: 0; }
      .icon-button { min-height: 38px; width: 38px; }
      .button.small { min-height: 34px; }
    }

    """
}
