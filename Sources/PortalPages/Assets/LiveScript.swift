/// The one script of the portal. Every page works without it; with it, marked parts refresh by
/// themselves, codes can be copied, questions appear as dialogs and filters act at once.
public enum LiveScript {
  /// The text, served as `text/javascript`.
  public static let text = [start, copying, live, dialogs, filters].joined()

  static let start = #"""
    "use strict";
    const byId = (id) => document.getElementById(id);
    const say = (text) => {
      const place = byId("announcer");
      if (!place) return;
      place.textContent = "";
      setTimeout(() => { place.textContent = text; }, 50);
    };
    // Answers are pages of this portal; one that was redirected to the sign-in page is followed.
    const load = async(address) => {
      const answer = await fetch(address, {
        credentials: "same-origin", cache: "no-store", headers: { "X-Live": "1" },
      });
      if (answer.redirected && new URL(answer.url).pathname === "/login") {
        location.reload();
        throw new Error("signed out");
      }
      return new DOMParser().parseFromString(await answer.text(), "text/html");
    };

    """#

  static let copying = #"""
    const prepare = (part) => {
      for (const button of part.querySelectorAll("[data-copy]")) button.hidden = false;
    };
    const copy = async(button) => {
      const place = byId(button.dataset.copy);
      const text = "value" in place && place.tagName === "TEXTAREA" ? place.value
        : place.textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        button.focus();
      }
      say("Copied");
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1500);
    };
    document.addEventListener("focusin", (event) => {
      if (event.target.matches("[data-select]")) event.target.select();
    });

    """#

  static let live = #"""
    // Takes over the live parts of a newer copy of the page. Focus and open menus stay.
    const adopt = (page) => {
      const news = [];
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (!fresh) continue;
        for (const mark of fresh.querySelectorAll("[data-announce]")) {
          const old = byId(mark.id);
          if (old && old.dataset.announce !== mark.dataset.announce) {
            news.push(mark.dataset.announce);
          }
        }
        prepare(fresh);
        if (fresh.outerHTML === part.outerHTML) continue;
        const focus = part.contains(document.activeElement) ? document.activeElement : null;
        const href = focus && focus.getAttribute("href");
        part.replaceWith(document.adoptNode(fresh));
        if (!focus) continue;
        const again = focus.id ? byId(focus.id)
          : href ? fresh.querySelector(`[href="${CSS.escape(href)}"]`)
          : focus.dataset.copy ? fresh.querySelector(`[data-copy="${focus.dataset.copy}"]`)
          : null;
        if (again) again.focus({ preventScroll: true });
      }
      if (news.length) say(news.join(". "));
    };
    const topic = document.body.dataset.topic;
    let pending = false;
    const refresh = async() => {
      if (pending) return;
      pending = true;
      await new Promise((done) => setTimeout(done, 800));
      pending = false;
      try {
        adopt(await load(location.pathname + location.search));
      } catch { /* the portal restarts; the stream tells when it is back */ }
    };
    if (topic) {
      const stream = new EventSource("/events");
      let wasLost = false;
      stream.addEventListener("change", (event) => {
        if (event.data.split(" ").includes(topic)) refresh();
      });
      stream.onerror = () => { wasLost = true; };
      stream.onopen = () => {
        if (wasLost) refresh();
        wasLost = false;
      };
      addEventListener("pagehide", () => stream.close());
      // "3 min ago" grows old by itself.
      setInterval(refresh, 30000);
    }

    """#

  static let dialogs = #"""
    // A link to a question shows it in a dialog; whatever goes wrong, the link is followed.
    const ask = async(link) => {
      let page;
      try {
        page = await load(link.href);
      } catch {
        location.href = link.href;
        return;
      }
      const question = page.getElementById("confirmation");
      const title = page.querySelector("h1");
      if (!question || !title) {
        location.href = link.href;
        return;
      }
      const dialog = document.createElement("dialog");
      title.id = "dialog-title";
      dialog.setAttribute("aria-labelledby", title.id);
      dialog.append(title, question);
      dialog.addEventListener("close", () => {
        dialog.remove();
        link.focus();
      });
      dialog.addEventListener("click", (event) => {
        const cancel = event.target.closest("[data-cancel]");
        if (!cancel && event.target !== dialog) return;
        event.preventDefault();
        dialog.close();
      });
      document.body.append(dialog);
      dialog.showModal();
      const first = dialog.querySelector("input:not([type=hidden]), select, button");
      if (first) first.focus();
    };
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-copy]");
      if (button) copy(button);
      const link = event.target.closest("a[data-confirm]");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        ask(link);
      }
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });

    """#

  static let filters = #"""
    // Search and columns act at once, and stand in the address like after a press on the button.
    let typing = 0;
    const filter = async(form) => {
      const number = ++typing;
      const query = new URLSearchParams(new FormData(form)).toString();
      const address = location.pathname + (query ? "?" + query : "");
      try {
        const page = await load(address);
        if (number !== typing) return;
        history.replaceState(null, "", address);
        adopt(page);
        for (const other of document.querySelectorAll("form[data-filter]")) {
          const id = other.id;
          const fresh = other === form ? null : page.getElementById(id);
          if (fresh) other.replaceWith(document.adoptNode(fresh));
        }
        const count = document.querySelector(".pager p");
        say(count ? count.textContent : "No site matches");
      } catch { /* the button still works */ }
    };
    document.addEventListener("input", (event) => {
      const form = event.target.closest("form[data-filter]");
      if (!form) return;
      clearTimeout(form.timer);
      form.timer = setTimeout(() => filter(form), event.target.type === "checkbox" ? 0 : 250);
    });
    // A one-time link carries its code behind "#", which no server or log sees.
    const takeCode = () => {
      const field = byId("f-token");
      if (!field || location.hash.length < 2) return;
      field.value = decodeURIComponent(location.hash.slice(1));
      history.replaceState(null, "", location.pathname);
    };
    addEventListener("hashchange", takeCode);
    takeCode();
    prepare(document);

    """#
}
