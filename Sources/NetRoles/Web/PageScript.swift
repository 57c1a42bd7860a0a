/// The script of the activation page; every page works without it.
enum PageScript {
  /// The text, served as `/page.js`.
  ///
  /// It takes a link out of the address bar, so that it stands neither in the history nor in what a
  /// person copies from there, renews a page that shows progress, and hides the fields of a fixed
  /// address while DHCP is chosen.
  static let text = """
    'use strict';

    function takeLink() {
      var text = location.hash;
      if (text.indexOf('#ZTB') !== 0) return;
      history.replaceState(null, '', location.pathname + location.search);
      var field = document.querySelector('[data-link]');
      if (!field) return;
      field.value = text.slice(1);
      field.form.submit();
    }

    function showFixed() {
      var fields = document.querySelector('[data-fixed]');
      var chosen = document.querySelector('input[name="mode"]:checked');
      if (fields && chosen) fields.hidden = chosen.value !== 'static';
    }

    function show(text) {
      var page = new DOMParser().parseFromString(text, 'text/html');
      var now = page.querySelector('main');
      var main = document.querySelector('main');
      if (!now || main.innerHTML === now.innerHTML) return;
      var focused = document.activeElement && document.activeElement.id;
      document.title = page.title;
      main.replaceWith(document.adoptNode(now));
      var again = focused && document.getElementById(focused);
      if (again) again.focus();
    }

    function renew() {
      if (!document.querySelector('main[data-live]')) return;
      fetch('/progress', { cache: 'no-store', credentials: 'omit' })
        .then(function (answer) {
          if (answer.status === 503) throw answer;
          return answer.text();
        })
        .then(function (text) {
          document.querySelector('.lost').hidden = true;
          show(text);
        })
        .catch(function () { document.querySelector('.lost').hidden = false; })
        .then(function () { setTimeout(renew, 1000); });
    }

    takeLink();
    showFixed();
    addEventListener('hashchange', takeLink);
    addEventListener('change', showFixed);
    setTimeout(renew, 1000);

    """
}
