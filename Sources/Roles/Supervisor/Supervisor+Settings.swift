import Crypto
import JSON
import Linux
import Messages
import SQLite
import Store

/// Names of what the store keeps besides documents, events and the term.
enum SettingName {
  /// Serial number; survives a factory reset.
  static let serial = "serial"
  /// Set once somebody has configured the WAN.
  static let networkConfigured = "network.configured"
  /// The activation under way.
  static let attempt = "activation.attempt"
  /// Who we are to the portal.
  static let identity = "portal.identity"
  /// The name that the portal gave.
  static let gatewayName = "portal.gateway"
  /// Version of the portal's document that is confirmed.
  static let documentVersion = "portal.document"
  /// Number of the last event that the portal has.
  static let eventsDelivered = "portal.events"
  /// The administrator's password, scrypt.
  static let password = "console.password"
  /// Set while the operator has taken the node out of the pair.
  static let suspended = "ha.suspended"
  /// The update under way, or the last one that failed.
  static let update = "software.update"
}

/// What outlives the process, by name.
extension Supervisor {
  /// Reads a setting; one that cannot be read is not set.
  func setting(_ name: String) -> String? {
    do throws(StoreError) {
      return try store.setting(name)
    } catch {
      log.write(.error, "supervise", "\(error)")
      return nil
    }
  }

  /// Keeps a setting, or (nil) forgets it.
  func keep(setting name: String, _ value: String?) {
    do throws(StoreError) {
      try store.set(setting: name, value)
    } catch { log.write(.error, "supervise", "\(error)") }
  }

  /// What the last process knew: goes on where it was.
  func remember() {
    isSuspended = setting(SettingName.suspended) != nil
    guard !options.isUnmanaged else { return }
    identity = decoded(SettingName.identity)
    if let version = setting(SettingName.documentVersion).flatMap({ UInt64($0) }) {
      identity?.documentVersion = version
    }
    if let delivered = setting(SettingName.eventsDelivered).flatMap({ Int64($0) }) {
      identity?.eventsDelivered = delivered
    }
    guard var interrupted: ActivationAttempt = decoded(SettingName.attempt) else { return }
    if identity != nil { interrupted.markEnrolled() }
    if interrupted.isAlive {
      interrupted.resume()
      start(interrupted)
    } else {
      attempt = interrupted
    }
  }

  func decoded<T: Decodable>(_ name: String) -> T? {
    guard let text = setting(name) else { return nil }
    do {
      return try JSONParser.parse(Array(text.utf8)).decode()
    } catch {
      log.write(.error, "supervise", "setting \(name) cannot be read: \(error)")
      return nil
    }
  }

  /// The serial number: given, the machine's own, or made once.
  var serial: String {
    if let given = options.serial { return given }
    if let known = setting(SettingName.serial) { return known }
    // Most machines without a maker's number have no such file.
    let maker = (try? Files.read("/sys/class/dmi/id/product_serial", limitBytes: 256)).map {
      String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    }
    var serial = maker.flatMap { $0.count >= 4 ? $0 : nil } ?? ""
    if serial.isEmpty {
      do throws(CryptoError) {
        let digits = try randomOctets(5).map { String($0, radix: 16, uppercase: true) }
        serial = "ZTB" + digits.map { $0.count < 2 ? "0" + $0 : $0 }.joined()
      } catch { serial = "ZTB0" }
    }
    keep(setting: SettingName.serial, serial)
    return serial
  }

  // MARK: The administrator's password

  /// Whether a password is the administrator's.
  func isPassword(_ given: String) -> Bool {
    guard let stored = setting(SettingName.password) else { return false }
    let parts = stored.split(separator: "$").map(String.init)
    guard parts.count == 4, let cost = UInt64(parts[1]), let salt = Base64.decode(parts[2]),
      let hash = Base64.decode(parts[3])
    else { return false }
    do throws(CryptoError) {
      let found = try scrypt(secret: Array(given.utf8), salt: salt, cost: cost)
      return isEqualInConstantTime(found, hash)
    } catch { return false }
  }

  /// Replaces the administrator's password.
  func setPassword(_ new: String) throws(CryptoError) {
    let salt = try randomOctets(16)
    let cost: UInt64 = 16_384
    let hash = try scrypt(secret: Array(new.utf8), salt: salt, cost: cost)
    keep(
      setting: SettingName.password,
      "scrypt$\(cost)$\(Base64.encode(salt))$\(Base64.encode(hash))")
  }
}
