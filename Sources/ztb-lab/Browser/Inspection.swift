import JSON

/// What everybody may expect of a page, checked by script: names, labels, contrast, the keyboard,
/// room on a small screen, nothing loaded from elsewhere.
enum Inspection {
  /// Everything that is wrong with the page that is open, one line each.
  static func findings(_ browser: Browser) throws -> [String] {
    var found = try browser.evaluate(script).array.compactMap(\.text)
    found += try keyboard(browser)
    found += try browser.complaints()
    return found
  }

  /// Walks the page with the Tab key as a person without a mouse does.
  private static func keyboard(_ browser: Browser) throws -> [String] {
    let count = try browser.evaluate(markFocusable).int ?? 0
    try browser.pressTab(times: count + 2)
    return try browser.evaluate(missedFocusable).array.compactMap(\.text)
  }

  /// Numbers what must be reachable and records what is reached, and whether that can be seen.
  private static let markFocusable = """
    const shown = e => e.checkVisibility({visibilityProperty: true})
      && e.getClientRects().length > 0;
    const wanted = [...document.querySelectorAll(
      'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]')]
      .filter(e => shown(e) && !e.matches(':disabled') && e.tabIndex >= 0);
    // Of a group of radio buttons, Tab reaches one.
    const groups = new Set();
    window.labWanted = wanted.filter(e => {
      if (e.type !== 'radio') return true;
      if (groups.has(e.name)) return false;
      groups.add(e.name);
      return true;
    });
    document.activeElement?.blur();
    window.labSeen = new Set();
    window.labUnseen = new Set();
    const look = s => [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow,
      s.borderColor, s.backgroundColor, s.textDecorationLine].join();
    window.labLooks = new Map(labWanted.map(e => [e, look(getComputedStyle(e))]));
    document.removeEventListener('focusin', window.labWatch);
    document.addEventListener('focusin', window.labWatch = event => {
      const e = event.target;
      labSeen.add(e.type === 'radio' ? e.name : e);
      if (labLooks.has(e) && look(getComputedStyle(e)) === labLooks.get(e)) labUnseen.add(e);
    });
    window.getSelection().removeAllRanges();
    document.documentElement.scrollTop = 0;
    return labWanted.length;
    """

  private static let missedFocusable = """
    const say = e => e.outerHTML.slice(0, 80).replace(/\\s+/g, ' ');
    return [
      ...labWanted.filter(e => !labSeen.has(e.type === 'radio' ? e.name : e))
        .map(e => 'Tab does not reach ' + say(e)),
      ...[...labUnseen].map(e => 'focus cannot be seen on ' + say(e)),
    ];
    """

  private static let script = """
    const found = [];
    const say = e => e.outerHTML.slice(0, 80).replace(/\\s+/g, ' ');
    const shown = e => e.checkVisibility({visibilityProperty: true});
    const all = selector => [...document.querySelectorAll(selector)];
    const referred = e => (e.getAttribute('aria-labelledby') ?? '').split(/\\s+/)
      .map(id => document.getElementById(id)?.textContent ?? '').join(' ');
    const name = e => [e.getAttribute('aria-label'), referred(e), e.getAttribute('title'),
      e.getAttribute('alt'), e.labels && [...e.labels].map(l => l.textContent).join(' '),
      e.matches('input,select,textarea') ? '' : e.textContent,
      e.matches('[type=submit],[type=button],[type=reset]') ? e.value : '',
      ...[...e.querySelectorAll('img[alt],svg>title')].map(i => i.alt ?? i.textContent)]
      .filter(Boolean).join(' ').trim();
    if (!document.documentElement.lang) found.push('the page names no language');
    if (!document.title.trim()) found.push('the page has no title');
    if (all('h1').filter(shown).length !== 1)
      found.push('the page has ' + all('h1').filter(shown).length + ' main headings');
    if (all('main').length !== 1) found.push('the page has no one main part');
    if (!document.querySelector('meta[name=viewport]')) found.push('no viewport for small screens');
    let level = 0;
    for (const h of all('h1,h2,h3,h4,h5,h6').filter(shown)) {
      const own = Number(h.tagName[1]);
      if (own > level + 1) found.push('a heading skips a level: ' + say(h));
      level = own;
    }
    for (const e of all('input:not([type=hidden]),select,textarea').filter(shown))
      if (!name(e)) found.push('a field without label: ' + say(e));
    for (const e of all('button,a[href],summary,[role=button],[type=submit]').filter(shown))
      if (!name(e)) found.push('nothing says what this does: ' + say(e));
    for (const e of all('img,svg[role=img]').filter(shown))
      if (!name(e) && e.getAttribute('alt') !== '' && e.getAttribute('aria-hidden') !== 'true')
        found.push('a picture without words: ' + say(e));
    for (const t of all('table').filter(shown))
      if (!t.querySelector('th')) found.push('a table without headings: ' + say(t));
    for (const e of all('[tabindex]'))
      if (e.tabIndex > 0) found.push('an order of its own for Tab: ' + say(e));
    const ids = new Set();
    for (const e of all('[id]')) {
      if (ids.has(e.id)) found.push('an id twice: ' + e.id);
      ids.add(e.id);
    }
    for (const e of all('[for]'))
      if (!document.getElementById(e.htmlFor)) found.push('a label for nothing: ' + say(e));
    for (const e of all('[onclick]'))
      if (!e.matches('a,button,input,summary,label,select'))
        found.push('only a mouse can press ' + say(e));
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext('2d', {willReadFrequently: true});
    const over = (color, under) => {
      pen.fillStyle = under; pen.fillRect(0, 0, 1, 1);
      pen.fillStyle = color; pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const rgb = c => 'rgb(' + c.join() + ')';
    const ground = e => {
      const chain = [];
      for (let at = e; at; at = at.parentElement) chain.push(getComputedStyle(at).backgroundColor);
      return chain.reverse().reduce((under, color) => rgb(over(color, under)), 'rgb(255,255,255)');
    };
    const light = c => {
      const [r, g, b] = c.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const weak = new Map();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const e = walk.currentNode.parentElement;
      if (!walk.currentNode.data.trim() || e.matches('script,style,noscript,title,option')
        || !shown(e) || e.closest(':disabled,[aria-disabled=true],[aria-hidden=true]')) continue;
      const style = getComputedStyle(e), under = ground(e);
      const color = e.closest('svg') ? style.fill : style.color;
      const [a, b] = [light(over(color, under)), light(over(under, under))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
      const least = size >= 24 || bold && size >= 18.66 ? 3 : 4.5;
      if (ratio < least && e.getClientRects().length)
        weak.set(style.color + under, 'contrast ' + ratio.toFixed(2) + ': ' + say(e));
    }
    found.push(...weak.values());
    // WCAG 2.2, 2.5.8: 24 pixels, or a circle of that size that meets no other target.
    const targets = all('a[href],button,select,summary,input:not([type=hidden]),textarea')
      .filter(shown).map(e => [e, (e.closest('label') ?? e).getBoundingClientRect()])
      .filter(([, box]) => box.width > 1 && box.height > 1);
    const isSmall = box => box.width < 24 || box.height < 24;
    const centre = box => [box.x + box.width / 2, box.y + box.height / 2];
    for (const [e, box] of targets) {
      if (!isSmall(box) || e.matches('a') && getComputedStyle(e).display === 'inline') continue;
      const [x, y] = centre(box);
      const isClose = targets.some(([other, its]) => {
        if (other === e) return false;
        const [far, wide] = isSmall(its) ? [centre(its), 24]
          : [[Math.min(Math.max(x, its.left), its.right),
            Math.min(Math.max(y, its.top), its.bottom)], 12];
        return Math.hypot(far[0] - x, far[1] - y) < wide;
      });
      if (isClose)
        found.push('too small to hit, ' + Math.round(box.width) + ' × ' + Math.round(box.height)
          + ': ' + say(e));
    }
    const wide = document.scrollingElement.scrollWidth;
    if (wide > innerWidth + 1) found.push('the page is ' + wide + ' wide on ' + innerWidth);
    for (const entry of performance.getEntriesByType('resource'))
      if (!entry.name.startsWith(location.origin + '/') && !entry.name.startsWith('data:'))
        found.push('loaded from elsewhere: ' + entry.name);
    return found;
    """
}
