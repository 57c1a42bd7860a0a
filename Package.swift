// swift-tools-version: 6.2
// The manifest is the module table of Sources/ARCHITECTURE.md: one line per target, lower layers first.
import PackageDescription

/// Every Swift target: unsafe code is marked as such, warnings stop the build.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
/// The module of regular expressions stays out of what is shipped: it is a megabyte in each program.
/// What else it has, such as `firstRange(of:)`, is in `Wire`.
let lean =
  strict + [
    .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])
  ]
/// On every target: with it in only some, the imported C types clash (`fd_set` and others).
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

/// A target without clock, descriptor, Foundation or C; its tests need nothing but the compiler.
func pure(
  _ name: String, _ dependencies: Target.Dependency..., testData: [String] = []
) -> [Target] {
  system(name, dependencies, testData: testData)
}

/// A target that talks to the operating system, with unit tests beside it.
func system(
  _ name: String, _ dependencies: [Target.Dependency], testData: [String] = []
) -> [Target] {
  let module = Target.target(
    name: name, dependencies: dependencies, cSettings: gnu, swiftSettings: lean)
  let tests = Target.testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    exclude: testData, cSettings: gnu, swiftSettings: strict)
  return [module, tests]
}

/// A program: `main.swift` calls one function.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> [Target] {
  [
    .executableTarget(
      name: name, dependencies: dependencies, cSettings: gnu, swiftSettings: strict)
  ]
}

/// A system library found by pkg-config, with header-only shims.
func library(_ name: String, _ pkgConfig: String, _ package: String) -> [Target] {
  [.systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])]
}

let layers: [[Target]] = [
  // Layer 0
  pure("Wire"),
  pure("JSON"),
  pure("HTTP", "Wire"),
  // Layer 1
  pure("VRRP", "Wire"),
  pure("Netlink", "Wire"),
  pure("Supervision", "Wire"),
  // Layer 2
  pure("SessionSync", "Wire", "Netlink"),
  pure("Policy", "Wire"),
  pure("Update", "Wire", "JSON"),
  // Layer 3
  pure("Configuration", "Wire", "JSON", "Policy"),
  // Layer 4
  pure("Messages", "Wire", "JSON"),
  pure("Activation", "Wire", "JSON", "Messages"),
  pure("ConsoleMenu", "Wire", "Messages", "Activation", testData: ["Transcripts"]),
  pure("PortalPages", "Wire", "HTTP", "Activation"),
  // C: header-only shims and system libraries
  [.systemLibrary(name: "CLinux")],
  library("CNftables", "libnftables", "libnftables-dev"),
  library("CNetlink3", "libnl-route-3.0", "libnl-route-3-dev"),
  library("COpenSSL", "openssl", "libssl-dev"),
  library("CSQLite", "sqlite3", "libsqlite3-dev"),
  library("CCurl", "libcurl", "libcurl4-openssl-dev"),
  library("CMicrohttpd", "libmicrohttpd", "libmicrohttpd-dev"),
  library("CGnuTLS", "gnutls", "libgnutls28-dev"),
  library("CQREncode", "libqrencode", "libqrencode-dev"),
  // Layer 5
  system("Linux", ["Wire", "CLinux"]),
  system("Boot", ["Wire", "Linux", "CLinux"]),
  system("Crypto", ["Wire", "Linux", "COpenSSL"]),
  system("SQLite", ["CSQLite"]),
  system("Store", ["Wire", "Linux", "SQLite"]),
  system("RoleChannel", ["Wire", "Messages", "Linux", "CLinux"]),
  system("HTTPServer", ["Wire", "HTTP", "Linux", "CLinux", "CMicrohttpd", "CGnuTLS"]),
  system("HTTPClient", ["Wire", "HTTP", "Linux", "CLinux", "CCurl", "COpenSSL"]),
  // Layer 6
  system("Init", ["Wire", "Configuration", "Linux", "Boot", "CLinux"]),
  system(
    "Roles",
    [
      "Wire", "JSON", "VRRP", "Netlink", "Supervision", "SessionSync", "Policy", "Update",
      "Configuration", "Messages", "Activation", "ConsoleMenu", "Linux", "Boot", "Crypto", "SQLite",
      "Store", "RoleChannel",
      "CLinux", "CNftables", "CNetlink3",
    ]),
  system(
    "HARoles", ["Wire", "VRRP", "Messages", "Linux", "Crypto", "RoleChannel", "CLinux"]),
  system(
    "NetRoles",
    [
      "Wire", "JSON", "HTTP", "VRRP", "Messages", "Activation", "Linux", "Crypto", "RoleChannel",
      "HTTPServer", "HTTPClient", "CLinux",
    ]),
  system(
    "Verbs",
    [
      "Wire", "JSON", "Netlink", "Configuration", "Policy", "Update", "Messages", "Activation",
      "ConsoleMenu", "Linux", "CLinux",
    ]),
  system(
    "Portal",
    [
      "Wire", "JSON", "HTTP", "Activation", "Policy", "Update", "Configuration", "PortalPages",
      "Linux", "Crypto", "SQLite", "HTTPServer", "HTTPClient", "CLinux", "CCurl", "CQREncode",
    ]),
  // Layer 7
  program("ztbd", ["Roles", "RoleChannel", "Verbs"]),
  program("ztbd-ha", ["HARoles", "RoleChannel"]),
  program("ztbd-net", ["NetRoles", "RoleChannel"]),
  program("ztb-init", ["Init"]),
  program("ztb-portal", ["Portal"]),
  program(
    "ztb-lab",
    [
      "Wire", "JSON", "HTTP", "Netlink", "Activation", "Linux", "CLinux", "Crypto", "SQLite",
      "HTTPClient",
    ]),
  // Tests over several targets
  pure("Simulation", "Wire", "VRRP", "Netlink", "SessionSync"),
  [.testTarget(name: "TidyTests", swiftSettings: strict)],
]

let package = Package(name: "ztbranch", targets: layers.flatMap { $0 })
