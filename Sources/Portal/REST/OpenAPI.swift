public import JSON

/// Describes the REST API (OpenAPI 3.0.3), from the same table that answers it.
enum OpenAPI {
  static func document(_ routes: [RESTRoute], url: String) -> JSONValue {
    var paths: [JSONValue.Member] = []
    for pattern in routes.map(\.pattern).reduce(into: [String](), appendOnce) {
      let methods = routes.filter { $0.pattern == pattern }.map { route in
        JSONValue.Member(route.method.lowercased(), operation(route))
      }
      paths.append(.init("/" + pattern, .object(methods)))
    }
    return .of([
      "openapi": "3.0.3",
      "info": .of([
        "title": "ZT Branch portal", "version": "3",
        "description": .string(
          "Errors are JSON: error (a word), message (a sentence), problems (path, message). "
            + "Log in with POST login (cookie, and X-CSRF-Token for all but GET), or send an "
            + "API token as a bearer."),
      ]), "servers": .array([.of(["url": .string(url + "/api/v3")])]),
      "paths": .object(paths),
      "components": .of([
        "securitySchemes": .of([
          "token": .of(["type": "http", "scheme": "bearer"]),
          "session": .of([
            "type": "apiKey", "in": "cookie", "name": .string(RESTServer.cookie),
          ]),
        ]), "schemas": schemas,
      ]),
    ])
  }

  private static func appendOnce(_ list: inout [String], _ pattern: String) {
    if !list.contains(pattern) { list.append(pattern) }
  }

  private static func operation(_ route: RESTRoute) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("summary", .string(route.summary)),
      .init("operationId", .string(identifier(route))),
      .init(
        "responses",
        .of([
          "2XX": .of(["description": "Done"]),
          "4XX": .of([
            "description": "Refused, with the reason",
            "content": .of([
              "application/json": .of([
                "schema": .of(["$ref": "#/components/schemas/Error"])
              ])
            ]),
          ]),
        ])),
    ]
    if !route.parameterNames.isEmpty {
      members.append(
        .init(
          "parameters",
          .array(
            route.parameterNames.map { name in
              .of([
                "name": .string(name), "in": "path", "required": true,
                "schema": .of(["type": "string"]),
              ])
            })))
    }
    if let schema = OpenAPIBodies.schema(route) {
      members.append(
        .init(
          "requestBody",
          .of(["content": .of(["application/json": .of(["schema": schema])])])))
    }
    let security: JSONValue =
      route.access == .open
      ? .array([]) : .array([.of(["token": .array([])]), .of(["session": .array([])])])
    members.append(.init("security", security))
    return .object(members)
  }

  /// Such as `postGatewaysReplace`.
  private static func identifier(_ route: RESTRoute) -> String {
    let words = route.pattern.split(whereSeparator: { "/_{}".contains($0) })
    return route.method.lowercased()
      + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static let schemas: JSONValue = .of([
    "Error": .of([
      "type": "object", "required": .texts(["error", "message", "problems"]),
      "properties": .of([
        "error": .of(["type": "string"]), "message": .of(["type": "string"]),
        "problems": .of([
          "type": "array",
          "items": .of([
            "type": "object",
            "properties": .of([
              "path": .of(["type": "string"]), "message": .of(["type": "string"]),
            ]),
          ]),
        ]),
        "differences": .of(["type": "array", "items": .of(["type": "string"])]),
      ]),
    ])
  ])
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}
