import HTTP
import HTTPClient
import JSON
import Testing

@testable import Portal

@Suite("Software over real TLS")
struct SoftwareEndToEndTests {
  private func upload(
    _ world: Loopback, _ octets: [UInt8], headers: [HTTPField]? = nil
  ) throws -> HTTPResponse {
    var request = world.request("POST", "software")
    request.body = octets
    request.headers =
      (headers ?? world.headers) + [HTTPField("Content-Type", "application/octet-stream")]
    return try #require(try world.sendAll([request]).first).get()
  }

  @Test("a bundle larger than any body that is held goes up, and down to gateways alone")
  func wholeWay() throws {
    let world = try Loopback()
    // 8 MiB: the limit for bodies that are held is 64 KiB here.
    let bundle = try TestBundle.make(size: 8 << 20)
    let answer = try upload(world, bundle)
    #expect(answer.status == 201)
    let value = try JSONParser.parse(answer.body)
    #expect(value["verified"]?.bool == false && value["size"]?.integer == Int64(bundle.count))
    let list = try JSONParser.parse(try world.send("GET", "software").body)
    #expect(list["software"]?.array?.first?["version"]?.string == "1.2.3")

    let gateways = try world.addSite("Paris", lan: 1)
    let identity = try world.enroll(gateways[0].code)
    var request = world.request("GET", "agent/software/1.2.3", as: identity)
    request.limitBytes = 64 << 20
    let whole = try #require(try world.sendAll([request]).first).get()
    #expect(whole.status == 200 && whole.body == bundle)
    #expect(whole.header("Content-Length") == "\(bundle.count)")
    request.headers.append(HTTPField("Range", "bytes=8000000-"))
    let rest = try #require(try world.sendAll([request]).first).get()
    #expect(rest.status == 206 && rest.body == Array(bundle[8_000_000...]))
    #expect(
      rest.header("Content-Range") == "bytes 8000000-\(bundle.count - 1)/\(bundle.count)")
    #expect(try world.send("GET", "agent/software/9.9.9", as: identity).status == 404)
    #expect(
      try world.send("GET", "agent/software/..%2f..%2fportal.db", as: identity).status >= 400)
    _ = try world.send("POST", "gateways/\(gateways[0].id)/replace")
    #expect(try world.send("GET", "agent/software/1.2.3", as: identity).status == 410)
    #expect(try world.send("GET", "agent/software/1.2.3").status == 404, "not for people's port")
    #expect(try world.send("DELETE", "software/1.2.3").status == 409)
  }

  @Test("who may not is told so at the head of the request; a bad bundle at its end")
  func refused() throws {
    let world = try Loopback()
    let bundle = try TestBundle.make()
    #expect(try upload(world, bundle, headers: []).status == 401)
    #expect(try upload(world, bundle, headers: [world.headers[0]]).status == 403)
    #expect(try upload(world, Array(bundle.dropLast(9))).status == 400)
    #expect(try upload(world, bundle).status == 201)
    #expect(try upload(world, bundle).status == 409)
    let body = #"{"version":"1.2.3"}"#
    #expect(try world.send("POST", "sites/1/update", body).status == 404)
    #expect(try world.send("PUT", "software/1.2.3/default").status == 200)
  }

  @Test("a form of a browser brings one too, if its token is right")
  func form() throws {
    let world = try Loopback()
    let bundle = try TestBundle.make(size: 200_000)
    let token = try #require(world.headers.last).value
    func post(_ token: String) throws -> HTTPResponse {
      var request = world.request("POST", "software")
      request.url = "\(world.portal.places.url)/settings/software"
      request.headers = [
        world.headers[0], HTTPField("Content-Type", "multipart/form-data; boundary=b0"),
      ]
      request.body =
        Array("--b0\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n\(token)\r\n".utf8)
        + Array(
          "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n".utf8)
        + bundle + Array("\r\n--b0--\r\n".utf8)
      return try #require(try world.sendAll([request]).first).get()
    }
    #expect(try post("wrong").status == 403)
    #expect(try world.portal.service.software.all() == [])
    let answer = try post(token)
    #expect(answer.status == 303 && answer.header("Location") == "/settings/software")
    #expect(try world.portal.service.software.all().count == 1)
    #expect(try post(token).status == 409)
  }
}
