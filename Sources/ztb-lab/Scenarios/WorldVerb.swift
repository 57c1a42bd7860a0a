import Linux

/// `ztb-lab world`: for hand work.
enum WorldVerb {
  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let world = try World(workspace, gateways: try options.kind())
    try world.bootPair()
    let fleet = options.has("loads") ? try Fleet(world, Fleet.Selection()) : nil
    try fleet?.start()
    Output.line("The world is up. Enter a machine with nsenter (as root):")
    let hosts =
      [world.client, world.server, world.laptop, world.fabric.host]
      + Node.allCases.map { world.gateway($0).host }
    for host in hosts {
      Output.line("  \(host.name.padded(8)) nsenter -t \(host.pid) -n -p -m")
    }
    Output.line("Logs are in \(workspace.path)/log. Ctrl-C removes everything.")
    try world.pause(milliseconds: try options.int("for", 1 << 30) * 1000)
    return 0
  }
}
