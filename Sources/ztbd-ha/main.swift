import Glibc
import HARoles
import RoleChannel

// The roles that decide who is active have a binary of their own: they hold all of their memory, and
// the libraries of the others would be in it.
exit(RoleProgram.ha.run(Array(CommandLine.arguments.dropFirst())))
