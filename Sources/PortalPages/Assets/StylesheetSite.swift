extension Stylesheet {
  /// States of gateways, their cards, activation.
  static let site = """
    .state {
      display: inline-flex; align-items: center; gap: 4px; padding: 0 7px 0 4px;
      border-radius: 5px; font-size: 12.5px; font-weight: 600; line-height: 20px;
      background: var(--sunk); color: var(--quiet); white-space: nowrap;
    }
    .state svg { fill: currentcolor; }
    .state.ring svg { fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; }
    .state.good { background: var(--good-soft); color: var(--good); }
    .state.info { background: var(--info-soft); color: var(--info); }
    .state.busy, .state.warn { background: var(--warn-soft); color: var(--warn); }
    .state.bad { background: var(--bad-soft); color: var(--bad); }
    .state.busy svg { animation: turn 1.6s linear infinite; transform-origin: 50% 50%; }
    @keyframes turn { to { transform: rotate(360deg); } }
    @media (prefers-reduced-motion: reduce) { .state.busy svg { animation: none; } }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; align-items: stretch; }
    .pair h3 + .field { margin-top: 6px; }
    .gateway { display: flex; flex-direction: column; }
    .gateway .foot-row { margin-top: auto; padding-top: 14px; }
    .pair.alone { grid-template-columns: minmax(0, 640px); }
    .pair > .card { margin: 0; }
    .pair > * { min-width: 0; }
    .gateway > header {
      display: flex; justify-content: space-between; align-items: flex-start; gap: 12px;
      margin-bottom: 12px;
    }
    .gateway h2 { display: flex; align-items: center; gap: 7px; font-size: 16px; }
    .over { color: var(--quiet); font-size: 12px; }
    .status { flex: none; text-align: right; font-size: 12.5px; }
    .status .quiet { display: block; }
    .tick {
      display: inline-flex; flex: none; align-items: center; justify-content: center;
      width: 18px; height: 18px; border-radius: 50%; background: var(--good); color: var(--card);
    }
    .tick .icon { width: 12px; height: 12px; stroke-width: 2.4; }
    .reason {
      display: flex; gap: 7px; padding: 8px 10px; margin-bottom: 12px; border-radius: 6px;
      background: var(--sunk); font-size: 13px;
    }
    .reason .icon { margin-top: 1px; color: var(--quiet); }
    .reason.bad { background: var(--bad-soft); margin: 8px 0 0; }
    .reason.bad .icon { color: var(--bad); }
    .progress { margin-bottom: 14px; }
    progress {
      display: block; width: 100%; height: 6px; margin-top: 6px; border: 0; border-radius: 3px;
      overflow: hidden; appearance: none; background: var(--line); color: var(--accent);
    }
    progress::-webkit-progress-bar { background: var(--line); }
    progress::-webkit-progress-value { background: var(--accent); }
    progress::-moz-progress-bar { background: var(--accent); }
    .software { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px 32px; }
    .software.alone { grid-template-columns: minmax(0, 560px); }
    .software h3 { margin-bottom: 6px; }
    .software .progress { margin: 10px 0 0; }
    .line { display: block; font-size: 12.5px; }
    .warn-text { color: var(--warn); font-weight: 600; }
    .above { margin: 24px 0 10px; }
    .empty + .card, .list + .card { margin-top: 16px; }
    #software-list + .card { margin-top: 16px; }
    .steps { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 3px; margin-top: 6px; }
    .steps span { height: 6px; border-radius: 2px; background: var(--line); }
    .steps .done { background: var(--good); }
    .steps .now { background: var(--warn); }
    .steps .failed { background: var(--bad); }
    .activation {
      display: grid; grid-template-columns: minmax(0, 1fr) 188px; gap: 16px; align-items: start;
      padding: 14px 0; margin-bottom: 4px; border-top: 1px solid var(--line);
      border-bottom: 1px solid var(--line);
    }
    .activation .ways { min-width: 0; }
    .activation h3 { color: var(--quiet); font-weight: 500; font-size: 12.5px; }
    .secret { display: flex; align-items: flex-start; gap: 4px; }
    .secret .icon-button { flex: none; }
    .secret output { padding: 4px 0; overflow-wrap: anywhere; min-width: 0; }
    .big.code { font-size: 15px; font-weight: 600; letter-spacing: 0.01em; }
    .ways .hint { margin: 2px 0 10px; }
    .ways .hint:last-child { margin-bottom: 0; }
    .url.code {
      flex: 1; min-width: 0; resize: vertical; font-size: 11.5px; line-height: 16px;
      padding: 0 4px; border: 6px solid var(--sunk); background: var(--sunk);
      word-break: break-all;
    }
    .qr { display: block; width: 100%; height: auto; border-radius: 6px; }
    @media (max-width: 1100px) {
      .activation { grid-template-columns: 1fr; }
      .activation .qr { max-width: 240px; }
    }
    @media (max-width: 860px) {
      .software, .software.alone { grid-template-columns: minmax(0, 1fr); }
      .pair, .pair.alone { grid-template-columns: minmax(0, 1fr); }
    }
    @media print {
      .side, .tabs, .buttons, .heading-actions, .actions, .tools { display: none; }
      .layout { display: block; }
      .card { break-inside: avoid; box-shadow: none; }
    }

    """
}
