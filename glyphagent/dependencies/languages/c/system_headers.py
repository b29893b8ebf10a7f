"""Headers of the C and C++ standards and of the systems that most programs are built for.

In brackets these mean the system's own, whatever else in a set has the name; only an include
folder that a build names can say otherwise.
"""

from __future__ import annotations

_C = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
stdarg stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath
threads time uchar wchar wctype
"""
_POSIX = """
aio alloca arpa/inet byteswap crypt cpio curses dirent dlfcn elf endian err execinfo fcntl features
fmtmsg fnmatch ftw getopt glob grp iconv ifaddrs io conio direct process langinfo libgen libintl
link linux/types locale mach/mach malloc memory monetary mqueue ncurses net/if netdb netinet/in
netinet/tcp nl_types paths poll pthread pty pwd regex sched search semaphore shadow spawn strings
stropts sys/epoll sys/event sys/file sys/ioctl sys/mman sys/msg sys/param sys/poll sys/prctl
sys/resource sys/select sys/sem sys/sendfile sys/shm sys/socket sys/stat sys/statvfs sys/syscall
sys/time sys/times sys/types sys/ucontext sys/uio sys/un sys/utsname sys/wait sysexits syslog tar
termio termios ucontext ulimit unistd utime utmp utmpx values wait windows winsock2 winsock
ws2tcpip windowsx winbase tchar intrin immintrin emmintrin xmmintrin nmmintrin tmmintrin smmintrin
arm_neon x86intrin cpuid
"""
_CPP = """
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
exception execution expected filesystem format forward_list fstream functional future generator
initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges
ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream
stack stacktrace stdexcept stop_token streambuf string string_view strstream syncstream
system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
valarray variant vector version
"""
_NAMES = frozenset([*(f"{name}.h" for name in (_C + _POSIX).split()), *_CPP.split()])


def is_system_header(name: str) -> bool:
    """Whether a header in brackets is the system's own."""
    return name in _NAMES or name.startswith(("sys/", "linux/", "bits/", "asm/"))
