import Testing
import Wire

/// `Wire::` names ours: the tests see the functions of _StringProcessing as well, which are the
/// oracle.
@Suite struct SearchTests {
  @Test("a text is found where the standard library finds it")
  func oracle() {
    let letters = ["", "a", "b", "ab", "aa", "aab", "ba", "bab", "é", "e\u{301}", "aé"]
    for text in letters.flatMap({ first in letters.map { first + $0 } }) {
      for word in letters {
        #expect(text.Wire::firstRange(of: word) == text.firstRange(of: word), "\(text) \(word)")
        #expect(text.Wire::contains(word) == text.contains(word), "\(text) \(word)")
        let octets = Array(text.utf8)
        #expect(octets.Wire::firstRange(of: word.utf8) == octets.firstRange(of: word.utf8))
      }
    }
  }
}
