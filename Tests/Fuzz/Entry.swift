/// What libFuzzer calls with each input; built once for each target by `Scripts/fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let octets = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  #if HEARTBEAT
    let wrong = DecoderOracle.heartbeat(octets)
  #else
    let wrong = DecoderOracle.advertisement(octets)
  #endif
  if let wrong { fatalError(wrong) }
  return 0
}
