import CLinux
import Netlink
import SessionSync

extension MessageBatch {
  /// Appends the request for one change; false when no such entry can exist.
  mutating func append(_ operation: Installation) -> Bool {
    switch operation {
    case .create(let flow, let timeout): return create(flow, timeoutSeconds: timeout) != nil
    case .update(let flow, let timeout): _ = update(flow, timeoutSeconds: timeout)
    case .delete(let tuple): _ = delete(tuple)
    case .deleteReply(let tuple): _ = delete(tuple, by: .reply)
    case .makeLenient(let tuple): _ = makeLenient(tuple)
    case .makeStrict(let tuple, let timeout): _ = makeStrict(tuple, timeoutSeconds: timeout)
    case .setTimeout(let tuple, let seconds): _ = setTimeout(tuple, seconds: seconds)
    case .setLabels(let tuple, let labels): _ = setLabels(tuple, labels)
    case .expect(let expectation): _ = create(expectation)
    case .forget(let expectation): _ = delete(expectation)
    }
    return true
  }
}

extension InstallRefusal {
  /// What a positive `errno` of ctnetlink means.
  init(_ code: Int32) {
    switch code {
    case EEXIST: self = .exists
    case ENOENT: self = .missing
    case EBUSY, EOPNOTSUPP: self = .conflicting
    case ENOMEM, ENOSPC: self = .full
    default: self = .other(code)
    }
  }
}
