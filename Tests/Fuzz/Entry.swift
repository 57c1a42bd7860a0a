/// What libFuzzer calls with each input; built once for each target by `Scripts/fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let octets = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  #if HEARTBEAT
    let wrong = DecoderOracle.heartbeat(octets)
  #elseif CTNETLINK
    let wrong = ConntrackOracle.message(octets)
  #elseif RECORD
    let wrong = StreamOracle.records(octets[...])
  #elseif FRAME
    let wrong = StreamOracle.frames(octets)
  #elseif DOCUMENT
    let wrong = DocumentOracle.text(octets)
  #else
    let wrong = DecoderOracle.advertisement(octets)
  #endif
  if let wrong { fatalError(wrong) }
  return 0
}
