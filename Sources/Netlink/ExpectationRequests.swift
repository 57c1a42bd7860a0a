public import Wire

/// Requests about expectations. Each returns its number.
extension MessageBatch {
  /// Makes the expectation; its master must be there, with its helper.
  public mutating func create(_ expectation: Expectation) -> UInt32 {
    let sequence = begin(
      Header.expectations, Header.new, Header.create | Header.exclusive, expectation.tuple.family)
    raw(expectation.attributes)
    finish()
    return sequence
  }

  /// Removes the expectation.
  public mutating func delete(_ expectation: Expectation) -> UInt32 {
    let key = expectation.tuple
    let sequence = begin(Header.expectations, Header.delete, 0, key.family)
    tuple(CTA.Expect.tuple, key)
    if key.zone != 0 { attribute(CTA.Expect.zone, key.zone) }
    finish()
    return sequence
  }

  /// Asks for every expectation, of one family or (nil) of both; each is a `.new` event with this number, then `.done`.
  public mutating func dumpExpectations(_ family: AddressFamily? = nil) -> UInt32 {
    let sequence = begin(Header.expectations, Header.get, Header.dump, family)
    finish()
    return sequence
  }
}
