enum DemoVerb {
  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 { 1 }
}
