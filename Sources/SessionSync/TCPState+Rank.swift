import Netlink

extension TCPState {
  /// How far a connection has come: larger is later in its life.
  var rank: UInt8 {
    switch self {
    case .none: 0
    case .synSent, .synSent2: 1
    case .synReceived: 2
    case .established: 3
    case .finWait: 4
    case .closeWait: 5
    case .lastAck: 6
    case .timeWait: 7
    case .close, .retransmitted: 8
    }
  }
}
