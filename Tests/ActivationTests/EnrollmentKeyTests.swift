import Activation
import Messages
import Testing
import Wire

@Suite("Enrollment: the key")
struct EnrollmentKeyTests {
  private var story = AgentStory()

  @Test("a new key is used only when the supervisor has stored it")
  mutating func keyIsStored() {
    story.beginValidation()
    story.answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    #expect(story.inFlight.isEmpty)
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "KEY-1" }))
    #expect(story.inFlight[.enroll] != nil)
  }

  @Test("a supervisor that says nothing about the key does not stop the activation")
  mutating func silentSupervisor() {
    story.beginValidation()
    story.answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    story.pass(.seconds(2))
    #expect(story.inFlight[.enroll] != nil)
  }

  @Test("power loss after the portal bound the code: the same key gets its certificate")
  mutating func interrupted() {
    story.beginValidation { $0.privateKey = "KEY-1" }
    story.answer(.validate, 403, #"{"error":"used","message":"This code was already used."}"#)
    #expect(story.inFlight[.enroll] != nil)
    story.answer(.enroll, 200, AgentStory.enrolled)
    #expect(
      story.take().suffix(3) == [
        "step 6 done: paris-gw-01", "step 7 done",
        "enrolled paris-gw-01 g1 CERT(KEY-1) at https://portal.example:8444",
      ])
  }

  @Test("an answer that is lost after the portal bound the code: likewise, without power loss")
  mutating func lostAnswer() {
    story.beginValidation()
    story.answer(.validate, 200, #"{"gateway":"paris-gw-01"}"#)
    story.pass(.seconds(2))
    story.fail(.enroll)
    story.passUntilSending()
    story.answer(.anchor, 200, AgentStory.anchor)
    story.answer(.validate, 403, #"{"error":"used","message":"This code was already used."}"#)
    story.answer(.enroll, 200, AgentStory.enrolled)
    #expect(story.take().last?.hasPrefix("enrolled paris-gw-01") == true)
  }

  @Test("a code that was used before this box had tried it is refused for good")
  mutating func usedBefore() {
    story.beginValidation()
    story.answer(.validate, 403, #"{"error":"used","message":"This code was already used."}"#)
    #expect(story.inFlight.isEmpty)
    #expect(story.take().last?.hasPrefix("failed for good: This code was already used.") == true)
  }

  @Test("a code that another key has used is refused for good")
  mutating func usedByAnother() {
    story.beginIssuing()
    story.answer(.enroll, 403, #"{"error":"used","message":"This code was already used."}"#)
    #expect(story.take().last?.hasPrefix("failed for good: This code was already used.") == true)
  }

  @Test("a stored key that cannot be read is replaced")
  mutating func brokenKey() {
    story.configure(.enroll(AgentStory.enrollment { $0.privateKey = "broken" }))
    #expect(story.take().first == "key KEY-1")
  }

  @Test("a certificate for another key, or an answer without one, is not taken")
  mutating func wrongCertificate() {
    story.beginIssuing()
    for body in [
      AgentStory.enrolled.replacing("KEY-1", with: "KEY-2"), "{}", "",
      AgentStory.enrolled.replacing("https", with: "http"),
    ] {
      story.answer(.enroll, 200, body)
      #expect(story.take().last?.contains("holds no certificate for this gateway") == true)
      story.passUntilSending()
    }
  }

  @Test("other settings for the same code begin anew with the same key")
  mutating func otherSettings() {
    story.beginValidation()
    let before = story.inFlight.count
    story.configure(.enroll(AgentStory.enrollment { $0.wan = #"{"mode":"static"}"# }))
    #expect(before == 1)
    #expect(
      story.take().filter { $0.hasPrefix("key") || $0.hasPrefix("cancel") } == ["cancel validate"])
    #expect(story.inFlight[.anchor] != nil)
  }
}
