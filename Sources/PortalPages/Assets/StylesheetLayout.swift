extension Stylesheet {
  /// Navigation, headings, cards, banners.
  static let layout = """
    .layout { display: grid; grid-template-columns: 208px minmax(0, 1fr); min-height: 100vh; }
    .side {
      position: sticky; top: 0; height: 100vh; display: flex; flex-direction: column;
      padding: 18px 12px 12px; border-right: 1px solid var(--line); overflow-y: auto;
    }
    .brand {
      display: flex; align-items: center; gap: 9px; padding: 0 8px 14px; color: var(--ink);
      font-size: 15px; font-weight: 650; letter-spacing: -0.01em; text-decoration: none;
    }
    .brand:hover { color: var(--ink); }
    .group {
      padding: 12px 8px 4px; color: var(--quiet); font-size: 11.5px; font-weight: 600;
    }
    .side nav a {
      display: flex; align-items: center; gap: 9px; padding: 6px 8px; border-radius: 6px;
      color: var(--ink); text-decoration: none;
    }
    .side nav a .icon { color: var(--quiet); }
    .side nav a:hover { background: var(--sunk); }
    .side nav a[aria-current] {
      background: var(--accent-soft); color: var(--accent); font-weight: 600;
    }
    .side nav a[aria-current] .icon { color: inherit; }
    .account {
      margin-top: auto; display: flex; align-items: center; justify-content: space-between;
      gap: 8px; padding: 12px 0 0 8px; border-top: 1px solid var(--line);
    }
    .account p { min-width: 0; overflow-wrap: anywhere; line-height: 1.3; }
    .account .quiet { display: block; font-size: 12px; }
    main { padding: 22px 28px 48px; max-width: 1240px; width: 100%; min-width: 0; }
    .crumbs { margin-bottom: 4px; font-size: 12.5px; }
    .crumbs ol { display: flex; flex-wrap: wrap; gap: 4px; }
    .crumbs li::after { content: "›"; margin-left: 4px; color: var(--quiet); }
    .crumbs a { color: var(--quiet); text-decoration: none; }
    .crumbs a:hover { text-decoration: underline; }
    .heading {
      display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between;
      gap: 12px; margin-bottom: 16px;
    }
    .heading > div:first-child { min-width: 0; flex: 1 1 220px; }
    .subtitle { color: var(--quiet); margin-top: 3px; max-width: 76ch; }
    .heading-actions { display: flex; flex-wrap: wrap; gap: 8px; }
    .card {
      background: var(--card); border: 1px solid var(--line); border-radius: 8px;
      box-shadow: var(--shadow); padding: 18px 20px;
    }
    .card + .card, .pair + .card, .card + .pair, .buttons + .card { margin-top: 16px; }
    .card > h2 { margin-bottom: 12px; }
    .narrow { max-width: 640px; }
    .list { padding: 0; }
    .tabs { border-bottom: 1px solid var(--line); margin-bottom: 16px; overflow-x: auto; }
    .tabs ul { display: flex; gap: 20px; }
    .tabs a {
      display: block; padding: 7px 1px; color: var(--quiet); text-decoration: none;
      white-space: nowrap; border-bottom: 2px solid transparent; margin-bottom: -1px;
    }
    .tabs a:hover { color: var(--ink); }
    .tabs a[aria-current] {
      color: var(--ink); font-weight: 600; border-bottom-color: var(--accent);
    }
    .tabs a:focus-visible { outline-offset: -2px; }
    .banner {
      display: flex; gap: 10px; padding: 10px 14px; margin-bottom: 16px; border-radius: 8px;
      background: var(--info-soft); max-width: 88ch;
    }
    .banner > .icon { margin-top: 2px; color: var(--info); }
    .banner.good { background: var(--good-soft); }
    .banner.good > .icon { color: var(--good); }
    .banner.warn { background: var(--warn-soft); }
    .banner.warn > .icon { color: var(--warn); }
    .banner.bad { background: var(--bad-soft); }
    .banner.bad > .icon { color: var(--bad); }
    .banner > div { min-width: 0; flex: 1; }
    .banner ul { list-style: disc; padding-left: 18px; }
    .banner li a { color: inherit; }
    .bare {
      max-width: 400px; margin: 0 auto; padding: 12vh 20px 48px;
    }
    .bare .brand { padding: 0 0 24px; }
    .bare h1 { margin-bottom: 16px; }
    .bare .form {
      background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 20px;
    }
    .error-page p { max-width: 68ch; margin-bottom: 10px; }
    .empty {
      padding: 56px 24px; text-align: center; border: 1px dashed var(--edge);
      border-radius: 8px; color: var(--quiet);
    }
    .empty > .icon { width: 28px; height: 28px; stroke-width: 1; }
    .empty h2 { color: var(--ink); margin: 8px 0 4px; }
    .empty p { max-width: 52ch; margin: 0 auto 16px; }
    .choices h2 { margin: 20px 0 8px; }
    .choices ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; }
    .choice {
      display: block; height: 100%; padding: 12px 16px; color: var(--ink); text-decoration: none;
      background: var(--card); border: 1px solid var(--line); border-radius: 8px;
    }
    .choice:hover { border-color: var(--accent); color: var(--ink); }
    .choice .quiet { display: block; font-size: 12.5px; }
    .settings { columns: 2 400px; column-gap: 16px; }
    .settings > .card { margin: 0 0 16px; break-inside: avoid; }
    .card > .hint { margin-bottom: 12px; }
    dialog {
      width: min(560px, calc(100vw - 24px)); padding: 22px; border: 1px solid var(--line);
      border-radius: 10px; background: var(--card); color: var(--ink); box-shadow: var(--raised);
    }
    dialog::backdrop { background: rgb(10 15 20 / 45%); }
    dialog h1 { font-size: 17px; margin-bottom: 12px; }
    dialog .card { border: 0; padding: 0; box-shadow: none; background: none; max-width: none; }
    @media (max-width: 860px) {
      .layout { display: block; }
      .side {
        position: static; height: auto; padding: 10px 12px 0; border-right: 0;
        border-bottom: 1px solid var(--line); display: grid;
        grid-template-columns: 1fr auto; align-items: center; overflow: visible;
      }
      .brand { padding: 4px; }
      .bare .brand { padding: 0 0 20px; }
      .group { display: none; }
      .side nav {
        grid-row: 2; grid-column: 1 / -1; display: flex; gap: 2px; overflow-x: auto;
        margin: 6px -12px 0; padding: 0 8px;
      }
      .side nav ul { display: flex; gap: 2px; }
      .side nav a {
        padding: 8px; border-radius: 0; border-bottom: 2px solid transparent; white-space: nowrap;
      }
      .side nav a .icon { display: none; }
      .side nav a:hover { background: none; }
      .side nav a[aria-current] { background: none; border-bottom-color: var(--accent); }
      .side nav a:focus-visible { outline-offset: -2px; }
      .account { margin: 0; padding: 0; border: 0; text-align: right; }
      main { padding: 16px 14px 40px; }
      .bare { padding: 8vh 20px 40px; }
      .card { padding: 16px; }
      .list { padding: 0; }
    }

    """
}
