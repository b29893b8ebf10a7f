"""Functions of C's own library, which a program may declare itself and seldom defines.

Source: ISO/IEC 9899:2018, annex B.
"""

from __future__ import annotations

_NAMES = """
abort abs acos acosh aligned_alloc asctime asin asinh assert at_quick_exit atan atan2 atanh atexit
atof atoi atol atoll bsearch calloc cbrt ceil clearerr clock copysign cos cosh ctime difftime div
erf erfc exit exp exp2 expm1 fabs fclose fdim feof ferror fflush fgetc fgetpos fgets floor fma fmax
fmin fmod fopen fprintf fputc fputs fread free freopen frexp fscanf fseek fsetpos ftell fwrite getc
getchar getenv gets gmtime hypot ilogb isalnum isalpha isblank iscntrl isdigit isgraph islower
isprint ispunct isspace isupper isxdigit labs ldexp ldiv lgamma llabs lldiv localeconv localtime
log log10 log1p log2 logb longjmp lrint lround malloc mblen mbstowcs mbtowc memchr memcmp memcpy
memmove memset mktime modf nearbyint nextafter perror pow printf putc putchar puts qsort quick_exit
raise rand realloc remainder remove remquo rename rewind rint round scanf setbuf setlocale setvbuf
signal sin sinh snprintf sprintf sqrt srand sscanf strcat strchr strcmp strcoll strcpy strcspn
strerror strftime strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtok
strtol strtold strtoll strtoul strtoull strxfrm system tan tanh tgamma time tmpfile tmpnam tolower
toupper trunc ungetc va_arg va_copy va_end va_start vfprintf vfscanf vprintf vscanf vsnprintf
vsprintf vsscanf wcstombs wctomb
"""
_FUNCTIONS = frozenset(_NAMES.split())


def is_library_function(name: str) -> bool:
    """Whether a name is a function of the standard library of C."""
    return name in _FUNCTIONS
