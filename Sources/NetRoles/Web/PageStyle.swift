/// The style sheet of the activation page. Colours are variables with a light and a dark value;
/// text and ground have a contrast of at least 4.5 (WCAG 2.2 AA).
enum PageStyle {
  /// The text, served as `/page.css`.
  static let text = colours + frame + forms + steps

  private static let colours = """
    :root {
      color-scheme: light dark;
      --page: #f4f6f7; --card: #ffffff; --sunk: #eceff1;
      --ink: #171c21; --quiet: #556068; --line: #dce1e5; --edge: #87929c;
      --accent: #0b5f73; --accent-hover: #094c5c; --on-accent: #ffffff; --accent-soft: #e0f0f3;
      --good: #17693a; --good-soft: #e2f3e8; --warn: #7a4a00; --warn-soft: #fcf0d9;
      --bad: #b0261d; --bad-soft: #fce8e6;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0f1316; --card: #171c20; --sunk: #20272c;
        --ink: #e7ebee; --quiet: #9eaab3; --line: #2a3238; --edge: #6d7a84;
        --accent: #63c3d8; --accent-hover: #86d4e5; --on-accent: #06222a; --accent-soft: #12333c;
        --good: #6bcf95; --good-soft: #12301f; --warn: #edbb63; --warn-soft: #37290f;
        --bad: #ff9d92; --bad-soft: #431b17;
      }
    }

    """

  private static let frame = """
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 0 16px 32px; max-width: 640px; background: var(--page);
      color: var(--ink); font: 16px/1.5 -apple-system, "Segoe UI Variable Text", "Segoe UI", Inter,
        Roboto, "Noto Sans", "Liberation Sans", system-ui, sans-serif;
    }
    h1, h2, p, ol, dl, dd, fieldset { margin: 0; padding: 0; }
    h1 { font-size: 24px; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; }
    h2 { font-size: 17px; line-height: 1.35; font-weight: 650; margin-bottom: 16px; }
    a { color: var(--accent); text-underline-offset: 3px; }
    a:hover { color: var(--accent-hover); }
    code, kbd {
      font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    time { white-space: nowrap; }
    code { overflow-wrap: anywhere; }
    kbd {
      padding: 1px 6px; border: 1px solid var(--line); border-radius: 4px; background: var(--sunk);
    }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
    header {
      display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
      gap: 8px 24px; padding: 20px 0;
    }
    .brand {
      display: flex; align-items: center; gap: 10px; color: var(--ink); font-weight: 650;
      text-decoration: none;
    }
    .mark rect { fill: var(--accent); }
    .mark path {
      fill: none; stroke: var(--on-accent); stroke-width: 2; stroke-linecap: round;
      stroke-linejoin: round;
    }
    nav { display: flex; gap: 4px; }
    nav a {
      padding: 6px 12px; border-radius: 8px; color: var(--quiet); text-decoration: none;
      font-size: 15px;
    }
    nav a:hover { color: var(--ink); }
    nav a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
    main {
      padding: 32px; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
      overflow-wrap: anywhere;
    }
    main > * + * { margin-top: 20px; }
    main > h1 + .lead { margin-top: 8px; }
    section { padding-top: 24px; border-top: 1px solid var(--line); }
    section > * + * { margin-top: 16px; }
    .lead { color: var(--quiet); }
    .lead strong { color: var(--ink); font-weight: 600; }
    .hint { color: var(--quiet); font-size: 14px; }
    footer { padding: 20px 4px 0; color: var(--quiet); font-size: 13px; }
    footer dl { display: flex; flex-wrap: wrap; gap: 4px 20px; }
    footer dl div { display: flex; gap: 6px; }
    footer dd { color: var(--ink); }
    .facts { border-top: 1px solid var(--line); }
    .facts div {
      display: grid; grid-template-columns: 10em 1fr; gap: 2px 16px; padding: 9px 0;
      border-bottom: 1px solid var(--line);
    }
    .facts div:last-child { border-bottom: 0; }
    .facts dt { color: var(--quiet); }
    .facts dd { font-weight: 500; }
    .note { padding: 12px 16px; border-radius: 10px; }
    .note p + p { margin-top: 6px; }
    .note.good { background: var(--good-soft); color: var(--good); }
    .note.warn { background: var(--warn-soft); color: var(--warn); }
    .note.bad { background: var(--bad-soft); color: var(--bad); }
    .note .remedy { color: var(--ink); }
    .lost {
      position: fixed; left: 16px; right: 16px; bottom: 16px; max-width: 608px; margin: 0 auto;
      padding: 12px 16px; border-radius: 10px; background: var(--warn-soft); color: var(--warn);
    }
    .completed { text-align: center; padding: 16px 0; }
    .completed > * + * { margin-top: 16px; }
    .completed .facts { text-align: left; margin-top: 28px; }
    .large circle { fill: var(--good-soft); stroke: none; }
    .large path {
      fill: none; stroke: var(--good); stroke-width: 3.5; stroke-linecap: round;
      stroke-linejoin: round;
    }

    """

  private static let forms = """
    form > * + * { margin-top: 16px; }
    label, legend {
      display: block; margin-bottom: 6px; padding: 0; font-size: 15px; font-weight: 600;
    }
    input, textarea {
      width: 100%; padding: 10px 12px; border: 1px solid var(--edge); border-radius: 8px;
      background: var(--card); color: var(--ink); font: inherit;
    }
    textarea {
      display: block; resize: vertical; line-height: 1.45;
      font: 14px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    textarea + .hint { margin-top: 6px; }
    input[type="radio"] { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); }
    input[aria-invalid] { border-color: var(--bad); }
    fieldset { border: 0; min-width: 0; }
    .choice {
      display: inline-flex; align-items: center; gap: 8px; margin-right: 24px; font-weight: 400;
    }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
    .field .hint, .field .error { margin-top: 6px; font-size: 14px; }
    .error { color: var(--bad); }
    .actions { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; }
    .actions form { display: contents; }
    .actions form > * { margin: 0; }
    button, .button {
      display: inline-block; min-height: 44px; padding: 9px 20px; border: 1px solid var(--accent);
      border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit;
      font-weight: 600; text-decoration: none; cursor: pointer;
    }
    button:hover, .button:hover {
      background: var(--accent-hover); border-color: var(--accent-hover); color: var(--on-accent);
    }
    .button.plain {
      background: transparent; border-color: var(--edge); color: var(--ink); font-weight: 500;
    }
    .button.plain:hover { background: var(--sunk); color: var(--ink); }

    """

  private static let steps = """
    progress {
      display: block; width: 100%; height: 6px; border: 0; border-radius: 3px; overflow: hidden;
      appearance: none; background: var(--sunk);
    }
    progress::-webkit-progress-bar { background: var(--sunk); }
    progress::-webkit-progress-value { background: var(--accent); transition: width 0.3s; }
    progress::-moz-progress-bar { background: var(--accent); }
    .steps { list-style: none; }
    .steps li {
      display: grid; grid-template-columns: 24px 1fr auto; gap: 12px; align-items: start;
      padding: 9px 0;
    }
    .badge {
      display: grid; place-items: center; width: 24px; height: 24px; border-radius: 50%;
      background: var(--sunk); color: var(--quiet);
    }
    .icon {
      fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round;
      stroke-linejoin: round;
    }
    .done .badge { background: var(--good-soft); color: var(--good); }
    .failed .badge { background: var(--bad-soft); color: var(--bad); }
    .running .badge { background: var(--accent-soft); color: var(--accent); }
    .dot { width: 6px; height: 6px; border-radius: 50%; background: var(--edge); }
    .spinner {
      width: 14px; height: 14px; border: 2px solid currentcolor; border-top-color: transparent;
      border-radius: 50%; animation: turn 0.9s linear infinite;
    }
    .name { display: block; }
    .running .name, .failed .name { font-weight: 600; }
    .waiting .name, .skipped .name { color: var(--quiet); }
    .cause { display: block; color: var(--quiet); font-size: 14px; }
    .failed .cause, .failed .state { color: var(--bad); }
    .state { color: var(--quiet); font-size: 14px; line-height: 24px; }
    @keyframes turn { to { transform: rotate(1turn); } }
    @media (prefers-reduced-motion: reduce) {
      .spinner { animation: none; border-top-color: currentcolor; }
      progress::-webkit-progress-value { transition: none; }
    }
    @media (max-width: 480px) {
      main { padding: 24px 18px; }
      .pair { grid-template-columns: 1fr; }
      .facts div { grid-template-columns: 7.5em 1fr; }
      .actions > *, .actions form > button { flex: 1 1 100%; text-align: center; }
    }

    """
}
