import Activation
import Crypto

/// The cryptography of an activation, by OpenSSL.
struct PortalCryptography: AgentCryptography {
  func makeNonce() -> [UInt8] {
    // Without random octets nothing here can be trusted; the role ends, and is started again.
    guard let octets = try? randomOctets(32) else {
      preconditionFailure("the system has no random octets")
    }
    return octets
  }

  func makeKey() -> String? {
    // Fails only without memory or random octets; the machine reports it.
    try? P256Key.make().pem
  }

  func certificateRequest(privateKey: String) -> String? {
    // A key that cannot be read is replaced by a new one; the machine decides it.
    guard let key = try? P256Key(pem: privateKey) else { return nil }
    // The portal gives the certificate the name; this one tells nobody anything.
    return try? key.certificateRequest(commonName: "gateway")
  }

  func check(
    proof: [UInt8], of authority: String, nonce: [UInt8], code: ActivationCode
  ) -> AnchorFinding {
    // What is no certificate is no proof.
    guard let certificate = try? Certificate(pem: authority) else { return .unreadable }
    let salt = Array("ztb anchor 1\(code.publicID)".utf8)
    // Fails only without memory, and then nothing was proved.
    guard let key = try? scrypt(secret: Array(code.secret.utf8), salt: salt),
      let expected = try? hmacSHA256(key: key, message: nonce + certificate.der),
      isEqualInConstantTime(proof, expected)
    else { return .wrongProof }
    return .proven(fingerprint: certificate.publicKeyDigest)
  }

  func fits(certificate: String, privateKey: String) -> Bool {
    // What cannot be read does not fit.
    guard let certificate = try? Certificate(pem: certificate),
      let key = try? P256Key(pem: privateKey)
    else { return false }
    return certificate.publicKeyDigest == sha256(key.publicKeyDER)
  }
}
