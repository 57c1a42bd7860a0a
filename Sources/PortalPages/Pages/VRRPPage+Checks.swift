/// The path checks of the VRRP panel.
extension VRRPPage {
  /// A row a check; the last one is empty.
  var checksCard: Markup {
    let lead: Markup = """
      <p class="hint">Each gateway asks from its own address. A target that does not answer takes \
      its weight from the priority of the gateway that misses it. Clear a name to remove a \
      check; saving adds an empty row.</p>
      """
    return """
      <section class="card" id="\(Field.identifier("checks"))"><h2>Path checks</h2>\(lead)\
      \((0..<checkRows).map(checkRow))</section>
      """
  }

  private func checkRow(_ index: Int) -> Markup {
    func field(_ key: String, _ label: String, _ hint: String? = nil) -> Field {
      Field("checks[\(index)].\(key)", label, hint: hint)
    }
    let kinds = [Choice("icmp", "ICMP echo"), Choice("http", "HTTP GET")]
    let isFirst = index == 0
    func hint(_ text: String) -> String? { isFirst ? text : nil }
    return """
      <fieldset class="plain"><legend class="unseen">Path check \(index + 1)</legend>\
      <div class="row three">\
      \(form.input(field("name", "Name", hint("Letters, digits, - and _.")).optional.short))\
      \(form.select(field("kind", "Kind"), kinds))\
      \(form.input(field("target", "Target", hint("An address, or a URL.")).optional.code))</div>\
      <div class="row five">\
      \(form.input(field("intervalMs", "Interval", hint("Milliseconds; 1000.")).optional.short))\
      \(form.input(field("timeoutMs", "Time limit", hint("Milliseconds; 500.")).optional.short))\
      \(form.input(field("fall", "Fall", hint("Failures in a row; 3.")).optional.short))\
      \(form.input(field("rise", "Rise", hint("Successes in a row; 2.")).optional.short))\
      \(form.input(field("weight", "Weight", hint("1 to 254; 20.")).optional.short))</div>\
      </fieldset>
      """
  }
}
