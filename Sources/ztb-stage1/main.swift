import Boot
import Glibc

let log = try KernelLog(as: "stage1")
log.write(.error, "nothing to start")
exit(1)
