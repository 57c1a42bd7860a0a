import Glibc
import NetRoles
import RoleChannel

// The roles that speak HTTP have a binary of their own: what has to be always there does not carry
// libcurl and libmicrohttpd.
exit(RoleProgram.net.run(Array(CommandLine.arguments.dropFirst())))
