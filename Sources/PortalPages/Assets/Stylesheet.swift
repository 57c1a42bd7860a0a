/// The one style sheet of the portal. Colours are variables with a light and a dark value; every
/// pair of text and ground has a contrast of at least 4.5 (WCAG 2.2 AA).
public enum Stylesheet {
  /// The text, served as `text/css`.
  public static let text = [colours, base, layout, controls, lists, site].joined()

  static let colours = """
    :root {
      color-scheme: light dark;
      --page: #f4f6f7; --card: #ffffff; --sunk: #eceff1; --hover: #f2f5f6;
      --ink: #171c21; --quiet: #556068; --line: #dce1e5; --edge: #7b8690;
      --accent: #0b5f73; --accent-hover: #094c5c; --on-accent: #ffffff; --accent-soft: #e0f0f3;
      --good: #17693a; --good-soft: #e2f3e8; --info: #2356a8; --info-soft: #e5edfb;
      --warn: #855000; --warn-soft: #fcf0d9; --bad: #b0261d; --bad-soft: #fce8e6;
      --shadow: 0 1px 2px rgb(20 30 40 / 5%);
      --raised: 0 8px 28px rgb(20 30 40 / 18%);
      --code: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas,
        "Liberation Mono", "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0f1316; --card: #171c20; --sunk: #20272c; --hover: #1c2226;
        --ink: #e7ebee; --quiet: #9eaab3; --line: #2a3238; --edge: #6d7a84;
        --accent: #63c3d8; --accent-hover: #86d4e5; --on-accent: #06222a; --accent-soft: #12333c;
        --good: #6bcf95; --good-soft: #12301f; --info: #94b8fb; --info-soft: #182a49;
        --warn: #edbb63; --warn-soft: #37290f; --bad: #ff9d92; --bad-soft: #431b17;
        --shadow: none; --raised: 0 8px 28px rgb(0 0 0 / 55%);
      }
    }

    """

  static let base = """
    *, *::before, *::after { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 14px/1.45 -apple-system, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto,
        "Noto Sans", "Liberation Sans", system-ui, sans-serif;
    }
    h1, h2, h3, p, ul, ol, dl, dd, fieldset, legend, table { margin: 0; padding: 0; }
    ul, ol { list-style: none; }
    h1 { font-size: 21px; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; }
    h2 { font-size: 15px; line-height: 1.35; font-weight: 650; }
    h3 { font-size: 13px; font-weight: 600; }
    h1, h2, dd, li, p { overflow-wrap: anywhere; }
    a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
    a:hover { color: var(--accent-hover); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
    main:focus { outline: none; }
    fieldset { border: 0; min-width: 0; }
    .strong { font-weight: 600; }
    .quiet { color: var(--quiet); font-weight: 400; }
    .code { font-family: var(--code); font-size: 12.5px; }
    .hint { color: var(--quiet); font-size: 12.5px; }
    .lead { color: var(--quiet); max-width: 72ch; margin-bottom: 16px; }
    .foot { color: var(--quiet); font-size: 12.5px; margin-top: 16px; }
    .bad-text { color: var(--bad); font-weight: 600; }
    .unseen {
      position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; border: 0;
      overflow: hidden; clip-path: inset(50%); white-space: nowrap;
    }
    .skip {
      position: absolute; left: 8px; top: -60px; z-index: 9; padding: 8px 12px;
      background: var(--card); border: 1px solid var(--edge); border-radius: 6px;
    }
    .skip:focus { top: 8px; }
    .icon {
      flex: none; width: 16px; height: 16px; fill: none; stroke: currentcolor;
      stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round;
    }
    .mark rect { fill: var(--accent); }
    .mark path { fill: none; stroke: var(--on-accent); stroke-width: 1.6; }
    .mark circle { fill: var(--on-accent); }
    .tag {
      display: inline-block; padding: 0 6px; border: 1px solid var(--line); border-radius: 4px;
      background: var(--sunk); color: var(--quiet); font-size: 11.5px; font-weight: 500;
    }
    .tag.bad { background: var(--bad-soft); color: var(--bad); border-color: transparent; }

    """
}
