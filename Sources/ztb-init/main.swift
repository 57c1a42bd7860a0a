import Glibc
import Init

exit(InitProcess.run(CommandLine.arguments))
