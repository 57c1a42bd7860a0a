import HTTP
import Testing

@testable import Portal

@Suite("Signing in")
struct SignInTests {
  @Test("a portal without users leads to set-up, and its link makes the first super admin, once")
  func setUp() throws {
    let browser = try TestBrowser()
    #expect(browser.get("/sites").place.hasPrefix("/login"))
    #expect(browser.get("/login").place == "/setup")
    let token = String(try browser.portal.service.makeSetUpLink().split(separator: "#")[1])
    let form: KeyValuePairs = [
      "token": token, "name": "claire", "password": "correct horse battery",
      "again": "correct horse battery",
    ]
    let wrong = browser.post(
      "/setup", ["token": token, "name": "claire", "password": "a", "again": "b"])
    #expect(wrong.status == 400 && wrong.text.contains("differs from the first"))
    let done = browser.post("/setup", form)
    #expect(done.status == 303 && done.place == "/sites")
    #expect(browser.get("/sites").text.contains("claire"))
    let again = try TestBrowser(browser.portal)
    #expect(again.post("/setup", form).status == 403)
  }

  @Test("a user goes on where the session was missing, and nowhere outside the portal")
  func goesOn() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    browser.cookies = [:]
    #expect(
      browser.get("/sites/4?x=1&y=%2F").place == "/login?next=%2Fsites%2F4%3Fx%3D1%26y%3D%252F")
    let done = browser.post(
      "/login",
      ["name": "user-viewer", "password": "correct horse battery", "next": "/sites/4?x=1"])
    #expect(done.place == "/sites/4?x=1")
    for outside in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""] {
      #expect(SignIn.place(outside) == "/sites")
    }
  }

  @Test("a wrong password is refused with 401 and no session; many with 429")
  func wrongPassword() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    browser.cookies = [:]
    let form: KeyValuePairs = ["name": "user-viewer", "password": "wrong"]
    let refused = browser.post("/login", form)
    #expect(refused.status == 401)
    #expect(refused.text.contains("Name or password is wrong"))
    #expect(!refused.text.contains("value=\"wrong\""))
    #expect(browser.cookies["__Host-ztb"] == nil)
    for _ in 0..<4 { _ = browser.post("/login", form) }
    #expect(browser.post("/login", form).status == 429)
  }

  @Test("a form of the sign-in page without the token of its cookie is refused")
  func forgedLogIn() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    browser.cookies = [:]
    let form: KeyValuePairs = ["name": "user-viewer", "password": "correct horse battery"]
    #expect(browser.post("/login", form, token: "").status == 403)
    #expect(browser.post("/login", form, token: String(repeating: "A", count: 43)).status == 403)
    #expect(browser.cookies["__Host-ztb"] == nil)
  }

  @Test("signing out ends the session on the server, not only in the browser")
  func signOut() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    let cookies = browser.cookies
    #expect(browser.post("/logout", [:], token: "x").status == 403)
    #expect(browser.get("/sites").status == 200)
    #expect(browser.post("/logout", [:]).place == "/login")
    browser.cookies = cookies
    #expect(browser.get("/sites").place.hasPrefix("/login"))
    #expect(browser.get("/login").text.contains("Your session has ended"))
  }

  @Test("a page that refreshes itself does not keep a session alive")
  func refreshIsNoUse() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    for _ in 0..<3 {
      browser.portal.clock.now += 900
      _ = browser.get("/sites", headers: [HTTPField("X-Live", "1")])
    }
    #expect(browser.get("/sites").place.hasPrefix("/login"))
  }

  @Test("a changed password ends the session; the new one signs in")
  func changePassword() throws {
    let browser = try TestBrowser.signedIn(.viewer)
    let form: KeyValuePairs = [
      "old": "wrong", "password": "another good phrase", "again": "another good phrase",
    ]
    #expect(browser.post("/settings/password", form).text.contains("Is not the password"))
    let done = browser.post(
      "/settings/password",
      [
        "old": "correct horse battery", "password": "another good phrase",
        "again": "another good phrase",
      ])
    #expect(done.place == "/login?done=password")
    #expect(browser.get("/sites").place.hasPrefix("/login"))
    let back = browser.post(
      "/login", ["name": "user-viewer", "password": "another good phrase"])
    #expect(back.place == "/sites")
  }
}
