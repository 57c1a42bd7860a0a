extension JSONValue {
  /// The value that a type describes itself as: an object of its stored properties, in their order,
  /// unless it says otherwise. What is nil is left out.
  ///
  /// Throws for a floating-point number that is not finite: JSON has no word for it.
  /// - Complexity: O(*n*) in the size of the value.
  public init(encoding value: some Encodable) throws(JSONShapeError) {
    self = try EncodingPlace.value(of: value, at: .root)
  }
}

/// Where one value is put together. Whoever asks a place twice for a container adds to the same one,
/// which is what makes it an object of reference.
private final class EncodingPlace: Encoder {
  private enum Shape {
    case empty
    case scalar
    case list
    case object
  }

  private let path: JSONPath
  private var shape = Shape.empty
  private var scalar = JSONValue.null
  private var elements: [JSONValue] = []
  private var members: [JSONValue.Member] = []
  /// Elements or members that are containers of their own and not finished, by their index.
  private var unfinished: [(index: Int, place: EncodingPlace)] = []

  init(at path: JSONPath) { self.path = path }

  /// The value of a part that is whole.
  static func value(
    of part: some Encodable, at path: JSONPath
  ) throws(JSONShapeError) -> JSONValue {
    let place = EncodingPlace(at: path)
    do {
      try part.encode(to: place)
    } catch let error as JSONShapeError {
      throw error
    } catch {
      // A type's own refusal to be encoded; none of ours has one.
      throw JSONShapeError(path: path, message: "\(error)")
    }
    return place.value
  }

  /// What was put together; a type without properties is an empty object.
  private var value: JSONValue {
    switch shape {
    case .empty: return .object([])
    case .scalar: return scalar
    case .list:
      for (index, place) in unfinished { elements[index] = place.value }
      return .array(elements)
    case .object:
      for (index, place) in unfinished { members[index].value = place.value }
      return .object(members)
    }
  }

  private func become(_ new: Shape) {
    precondition(shape == .empty || shape == new, "\(path): one value is encoded as two kinds")
    shape = new
  }

  var codingPath: [any CodingKey] { path.codingKeys }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    become(.object)
    return KeyedEncodingContainer(Keyed(place: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    become(.list)
    return Unkeyed(place: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  // MARK: Parts

  private func path(_ key: some CodingKey) -> JSONPath { .key(key.stringValue, in: path) }
  private var nextPath: JSONPath { .element(elements.count, in: path) }

  private func add(_ value: JSONValue, _ key: some CodingKey) {
    members.append(.init(key.stringValue, value))
  }

  private func nested(_ key: some CodingKey) -> EncodingPlace {
    let place = EncodingPlace(at: path(key))
    unfinished.append((members.count, place))
    add(.null, key)
    return place
  }

  private func nested() -> EncodingPlace {
    let place = EncodingPlace(at: nextPath)
    unfinished.append((elements.count, place))
    elements.append(.null)
    return place
  }

  /// Adds members.
  private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: EncodingPlace

    var codingPath: [any CodingKey] { place.codingPath }

    func encodeNil(forKey key: Key) { place.add(.null, key) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      place.add(try EncodingPlace.value(of: value, at: place.path(key)), key)
    }

    func nestedContainer<Inner>(
      keyedBy type: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> {
      place.nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      place.nested(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { place.nested(JSONKey(stringValue: "super")) }
    func superEncoder(forKey key: Key) -> any Encoder { place.nested(key) }
  }

  /// Adds elements.
  private struct Unkeyed: UnkeyedEncodingContainer {
    let place: EncodingPlace

    var codingPath: [any CodingKey] { place.codingPath }
    var count: Int { place.elements.count }

    func encodeNil() { place.elements.append(.null) }

    func encode<T: Encodable>(_ value: T) throws {
      place.elements.append(try EncodingPlace.value(of: value, at: place.nextPath))
    }

    func nestedContainer<Inner>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
      place.nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      place.nested().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { place.nested() }
  }
}

extension EncodingPlace: SingleValueEncodingContainer {
  func encodeNil() { put(.null) }
  func encode(_ value: Bool) { put(.bool(value)) }
  func encode(_ value: String) { put(.string(value)) }
  func encode<T: FixedWidthInteger & Encodable>(_ value: T) { put(.integer(value)) }
  func encode(_ value: Double) throws { try put(finite: value) }
  func encode(_ value: Float) throws { try put(finite: value) }

  func encode<T: Encodable>(_ value: T) throws {
    // A wrapper, such as an optional: its value is ours.
    try value.encode(to: self)
  }

  private func put(_ value: JSONValue) {
    become(.scalar)
    scalar = value
  }

  /// Shortest digits that are read back as the same number; a whole number without a fraction.
  private func put(finite number: some BinaryFloatingPoint & CustomStringConvertible) throws {
    guard number.isFinite else {
      throw JSONShapeError(path: path, message: "\(number) is no number that JSON knows")
    }
    let text = number.description
    put(.number(text.hasSuffix(".0") ? String(text.dropLast(2)) : text))
  }
}
