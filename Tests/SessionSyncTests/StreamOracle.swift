import Netlink
import Wire

@testable import SessionSync

/// What must hold for any octets that a peer sends; for the fuzz targets and the tests that replay
/// their corpus.
enum StreamOracle {
  /// Records one behind the other: each is refused, or read, written and read again alike.
  ///
  /// - Returns: what is wrong; nil when nothing is.
  static func records(_ octets: ArraySlice<UInt8>) -> String? {
    var reader = ByteReader(octets)
    while reader.remaining > 0 {
      // What cannot be read on ends the connection.
      guard let parsed = try? FlowRecord.parse(&reader) else { return nil }
      guard case .record(let record, let unknownParts) = parsed else { continue }
      if case .put(let flow) = record, let wrong = kernelRequest(flow) { return wrong }
      if unknownParts == 0, let wrong = written(record) { return wrong }
    }
    return nil
  }

  /// A stream of frames in pieces of as many octets as the first one says.
  static func frames(_ octets: [UInt8]) -> String? {
    guard let first = octets.first else { return nil }
    let stream = octets.dropFirst()
    let size = max(1, Int(first))
    var assembler = FrameAssembler()
    var types: [UInt8] = []
    for start in stride(from: stream.startIndex, to: stream.endIndex, by: size) {
      assembler.append(stream[start..<min(start + size, stream.endIndex)])
      do {
        while let frame = try assembler.next() {
          types.append(frame.header.type)
          if let wrong = body(frame.header, frame.body) { return wrong }
        }
      } catch { return nil }
    }
    var whole = FrameAssembler()
    whole.append(stream)
    for type in types {
      // The same octets, so that a refusal is as wrong as another frame.
      let next = try? whole.next()
      if next?.header.type != type { return "frames depend on how their octets arrive" }
    }
    return nil
  }

  private static func body(_ header: FrameHeader, _ octets: ArraySlice<UInt8>) -> String? {
    if octets.count + FrameHeader.count != header.length { return "a body of another length" }
    switch FrameType(rawValue: header.type) {
    case .hello: return readAgain(Hello.self, octets)
    case .helloAck: return readAgain(StreamPosition.self, octets)
    case .ack: return readAgain(Acknowledgement.self, octets)
    case .digest: return readAgain(StreamDigest.self, octets)
    case .records: return records(octets)
    default: return nil
    }
  }

  private static func readAgain<Value: WireCodable & Equatable>(
    _ type: Value.Type, _ octets: ArraySlice<UInt8>
  ) -> String? {
    // Refusing is right for most octets.
    guard let value = try? Value(decoding: Array(octets)) else { return nil }
    let again = try? Value(decoding: value.encoded)
    return again == value ? nil : "\(type) changes when it is written"
  }

  private static func written(_ record: FlowRecord) -> String? {
    var writer = ByteWriter(capacity: 256)
    record.write(into: &writer)
    var reader = ByteReader(writer.bytes)
    guard case .record(let again, unknownParts: 0) = try? FlowRecord.parse(&reader),
      reader.remaining == 0
    else { return "a record is not read back: \(record)" }
    return again == record ? nil : "a record changes when it is written: \(record)"
  }

  /// What the kernel is asked for must not trap.
  private static func kernelRequest(_ flow: Flow) -> String? {
    var batch = MessageBatch(capacity: 4_096)
    guard batch.create(flow, timeoutSeconds: flow.timeoutSeconds) != nil else {
      return "a record of a flow that cannot exist: \(flow)"
    }
    _ = batch.update(flow, timeoutSeconds: flow.timeoutSeconds, strict: true)
    _ = batch.delete(flow.tuple)
    return nil
  }
}
