extension JSONValue {
  /// Reads a type that describes itself, strictly: no number for a text or the other way round, no
  /// fraction for a whole number, nothing out of range, no key twice. Keys that the type does not
  /// know are passed over, so that older programs read what newer ones write.
  ///
  /// Throws where a value is missing or not what the type wants; never traps, whatever the value.
  /// - Complexity: O(*n*) in the size of the value.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws(JSONShapeError) -> T {
    try DecodingPlace(value: self, path: .root).decoded(type)
  }
}

/// One value that is read, and where it stands.
private struct DecodingPlace: Decoder {
  let value: JSONValue
  let path: JSONPath

  /// Reads a whole type from the value.
  func decoded<T: Decodable>(_ type: T.Type) throws(JSONShapeError) -> T {
    do {
      return try T(from: self)
    } catch let error as JSONShapeError {
      throw error
    } catch DecodingError.dataCorrupted {
      // A value of the right kind, but none of the type's; its own words would name the type.
      throw failure("\(value.excerpt) is not known here")
    } catch DecodingError.typeMismatch(_, let context) {
      throw failure(context.debugDescription)
    } catch {
      throw failure("\(error)")
    }
  }

  func failure(_ message: String) -> JSONShapeError { JSONShapeError(path: path, message: message) }

  func mismatch(_ expected: String) -> JSONShapeError {
    failure("expected \(expected), found \(value.excerpt)")
  }

  var codingPath: [any CodingKey] { path.codingKeys }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try Keyed<Key>(self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try Unkeyed(self) }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  /// Reads members.
  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let place: DecodingPlace
    private let values: [String: JSONValue]
    let allKeys: [Key]

    init(_ place: DecodingPlace) throws(JSONShapeError) {
      guard let members = place.value.members else { throw place.mismatch("an object") }
      self.place = place
      var values: [String: JSONValue] = Dictionary(minimumCapacity: members.count)
      for member in members where values.updateValue(member.value, forKey: member.key) != nil {
        let path = JSONPath.key(member.key, in: place.path)
        throw JSONShapeError(path: path, message: "the key is given twice")
      }
      self.values = values
      allKeys = members.compactMap { Key(stringValue: $0.key) }
    }

    var codingPath: [any CodingKey] { place.codingPath }

    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try self[key].decodeNil() }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      try self[key].decoded(type)
    }

    func nestedContainer<Inner>(
      keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> {
      try self[key].container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try self[key].unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try member("super") }
    func superDecoder(forKey key: Key) throws -> any Decoder { try self[key] }

    private subscript(key: Key) -> DecodingPlace {
      get throws(JSONShapeError) { try member(key.stringValue) }
    }

    private func member(_ key: String) throws(JSONShapeError) -> DecodingPlace {
      let path = JSONPath.key(key, in: place.path)
      guard let value = values[key] else {
        throw JSONShapeError(path: path, message: "the key is missing")
      }
      return DecodingPlace(value: value, path: path)
    }
  }

  /// Reads elements, one after the other.
  private struct Unkeyed: UnkeyedDecodingContainer {
    private let place: DecodingPlace
    private let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(_ place: DecodingPlace) throws(JSONShapeError) {
      guard let elements = place.value.array else { throw place.mismatch("a list") }
      self.place = place
      self.elements = elements
    }

    var codingPath: [any CodingKey] { place.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    /// The standard library wants the place kept when it is not null.
    mutating func decodeNil() throws -> Bool {
      guard try current().decodeNil() else { return false }
      currentIndex += 1
      return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
      let element = try current().decoded(type)
      currentIndex += 1
      return element
    }

    mutating func nestedContainer<Inner>(
      keyedBy type: Inner.Type
    ) throws -> KeyedDecodingContainer<Inner> {
      let container = try current().container(keyedBy: type)
      currentIndex += 1
      return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      let container = try current().unkeyedContainer()
      currentIndex += 1
      return container
    }

    mutating func superDecoder() throws -> any Decoder {
      let decoder = try current()
      currentIndex += 1
      return decoder
    }

    private func current() throws(JSONShapeError) -> DecodingPlace {
      let path = JSONPath.element(currentIndex, in: place.path)
      guard !isAtEnd else { throw JSONShapeError(path: path, message: "the list is too short") }
      return DecodingPlace(value: elements[currentIndex], path: path)
    }
  }
}

extension DecodingPlace: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let flag = value.bool else { throw mismatch("true or false") }
    return flag
  }

  func decode(_ type: String.Type) throws -> String {
    guard let text = value.string else { throw mismatch("a string") }
    return text
  }

  func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) throws -> T {
    guard case .number(let digits) = value, let number = T(digits) else {
      throw mismatch("a whole number \(T.min)…\(T.max)")
    }
    return number
  }

  func decode(_ type: Double.Type) throws -> Double { try finite() }
  func decode(_ type: Float.Type) throws -> Float { try finite() }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoded(type) }

  /// A number that is too large is not infinite: it is wrong.
  private func finite<T: BinaryFloatingPoint & LosslessStringConvertible>() throws -> T {
    guard case .number(let digits) = value else { throw mismatch("a number") }
    guard let number = T(digits), number.isFinite else {
      throw mismatch("a number of at most \(T.greatestFiniteMagnitude)")
    }
    return number
  }
}
