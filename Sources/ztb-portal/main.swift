import Glibc
import Portal

exit(PortalProgram.run(CommandLine.arguments))
