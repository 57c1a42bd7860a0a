import Wire

/// Who may use which address, where ``PolicyContext/Interface/bindsHosts``.
extension Chains {
  /// Drops what comes from an address that its sender was not given.
  static let bindings = "bindings"

  private var boundInterfaces: [PolicyContext.Interface] {
    context.interfaces.filter(\.bindsHosts).sorted { $0.name < $1.name }
  }

  /// Asked of what is forwarded alone, and of each packet of it: what is for the gateway itself comes also
  /// from hosts that have no address yet, and from the other node. Addresses are those that hosts
  /// have, also where a port forward leads back into their network.
  var bindingRules: [String] {
    let devices = boundInterfaces.flatMap(\.devices)
    return devices.isEmpty ? [] : ["iifname \(set(devices)) jump \(Chains.bindings)"]
  }

  var bindingsChain: Chain {
    guard !boundInterfaces.isEmpty else { return Chain(name: Chains.bindings, rules: []) }
    let routers = boundInterfaces.flatMap { interface in
      interface.routers.map { router in
        "iifname \(set(interface.devices)) ether saddr \(router.mac) ip saddr \(router.network) return"
      }
    }
    return Chain(
      name: Chains.bindings,
      rules: routers + [
        "ether saddr . ip saddr != @\(PolicyCompiler.boundSet) "
          + "counter name \"\(PolicyCompiler.unboundCounter)\" drop"
      ])
  }
}
