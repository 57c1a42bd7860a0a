import Boot
import Glibc
import Linux

exit(Stage1.run())
