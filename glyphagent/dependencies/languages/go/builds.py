"""Build constraints: which files of a package are built together.

A constraint is kept as Go writes it (`linux && !cgo`); a file name's `_windows_amd64.go` and
`_test.go` join it. Names are looked up in the files that one build has: the usual one (Linux,
amd64, cgo, the newest Go), changed as little as the asking file's own constraint needs.

Source: https://pkg.go.dev/cmd/go#hdr-Build_constraints
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

SYSTEMS: Final = frozenset(
    (
        *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js"),
        *("linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos"),
    )
)
MACHINES: Final = frozenset(
    (
        *("386", "amd64", "amd64p32", "arm", "arm64", "arm64be", "armbe", "loong64", "mips"),
        *("mips64", "mips64le", "mips64p32", "mips64p32le", "mipsle", "ppc", "ppc64"),
        *("ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm"),
    )
)
_UNIX = frozenset(
    (
        *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "linux"),
        *("netbsd", "openbsd", "solaris"),
    )
)
_USUAL = frozenset(("linux", "amd64", "unix", "cgo", "gc"))
_TOKEN = re.compile(r"\s*(\|\||&&|!|\(|\)|[\w.]+)")
_RELEASE = re.compile(r"go1(\.\d+)?$")
_GO_BUILD = re.compile(r"^//go:build[ \t]+(.+?)[ \t\r]*$", re.MULTILINE)
_PLUS_BUILD = re.compile(r"^//[ \t]*\+build[ \t]+(.+?)[ \t\r]*$", re.MULTILINE)
_LONGEST = 400

Build = frozenset[str]
USUAL: Final[Build] = _USUAL


def constraint_of(path: str, head: str) -> str:
    """Constraint of a file, by its name and by what stands above its package clause."""
    parts = [part for part in (_of_name(path), _of_text(head)) if part]
    if len(parts) == 2 and "||" in parts[1]:
        parts[1] = f"({parts[1]})"
    return " && ".join(parts)


def is_test(path: str) -> bool:
    """Whether a file is built for tests alone."""
    return path.endswith("_test.go")


def _of_name(path: str) -> str:
    words = path.rpartition("/")[2].removesuffix(".go").removesuffix("_test").split("_")[1:]
    if len(words) >= 2 and words[-2] in SYSTEMS and words[-1] in MACHINES:
        return f"{words[-2]} && {words[-1]}"
    return words[-1] if words and words[-1] in SYSTEMS | MACHINES else ""


def _of_text(head: str) -> str:
    found = _GO_BUILD.search(head)
    if found:
        return found.group(1)[:_LONGEST]
    lines: list[str] = []
    for line in _PLUS_BUILD.findall(head)[:20]:
        # A blank means "or", a comma "and"; lines are joined by "and".
        options = [" && ".join(option.split(",")) for option in line.split()]
        text = " || ".join(f"({each})" if "&&" in each else each for each in options)
        lines.append(f"({text})" if len(options) > 1 else text)
    joined = " && ".join(lines)
    return joined[1:-1] if len(lines) == 1 and joined.startswith("(") else joined[:_LONGEST]


@lru_cache(maxsize=4096)
def holds(constraint: str, build: Build) -> bool:
    """Whether a file with this constraint belongs to a build; a broken one belongs to each."""
    if not constraint:
        return True
    tokens = [match.group(1) for match in _TOKEN.finditer(constraint)]
    try:
        value, rest = _either(tokens, 0, build)
    except (IndexError, RecursionError, ValueError):
        return True
    return value if rest == len(tokens) else True


@lru_cache(maxsize=4096)
def is_outdated(constraint: str) -> bool:
    """Whether only releases of Go that are older than today's build a file."""
    return any(_RELEASE.match(tag) for tag in build_for(constraint))


@lru_cache(maxsize=8192)
def is_for_other_system(constraint: str, here: str) -> bool:
    """Whether another system or machine builds a file, and a file with constraint `here` too."""
    build = build_for(constraint)
    changed = build ^ _USUAL
    known = changed <= SYSTEMS | MACHINES | {"unix"}
    return bool(changed) and known and holds(here, _USUAL) and holds(here, build)


@lru_cache(maxsize=4096)
def build_for(constraint: str) -> Build:
    """Build that has a file with this constraint, as near to the usual one as can be."""
    if holds(constraint, _USUAL):
        return _USUAL
    words = {token for token in _TOKEN.findall(constraint) if token[0].isalnum()}
    systems = sorted(words & SYSTEMS) or (["darwin"] if "unix" in words else [])
    machines = sorted(words & MACHINES)
    others = sorted(words - SYSTEMS - MACHINES - {"unix"})[:6]
    tries = [_USUAL]
    for system in [*systems, "windows", "darwin"]:
        plain = (_USUAL - {"linux", "unix"}) | {system}
        tries.append(plain | {"unix"} if system in _UNIX else plain)
    for machine in [*machines, "arm64"]:
        tries += [(each - {"amd64"}) | {machine} for each in tries]
    # Every choice of the other tags, the fewest changes first.
    choices = sorted(range(1 << len(others)), key=lambda bits: (bits.bit_count(), bits))
    for bits in choices:
        changed = frozenset(tag for at, tag in enumerate(others) if bits >> at & 1)
        for each in tries:
            build = each ^ changed
            if holds(constraint, build):
                return build
    return _USUAL


def _either(tokens: list[str], at: int, build: Build) -> tuple[bool, int]:
    value, at = _both(tokens, at, build)
    while at < len(tokens) and tokens[at] == "||":
        right, at = _both(tokens, at + 1, build)
        value = value or right
    return value, at


def _both(tokens: list[str], at: int, build: Build) -> tuple[bool, int]:
    value, at = _single(tokens, at, build)
    while at < len(tokens) and tokens[at] == "&&":
        right, at = _single(tokens, at + 1, build)
        value = value and right
    return value, at


def _single(tokens: list[str], at: int, build: Build) -> tuple[bool, int]:
    negated = False
    while tokens[at] == "!":
        negated, at = not negated, at + 1
    if tokens[at] == "(":
        value, at = _either(tokens, at + 1, build)
        return value != negated, at + 1
    word = tokens[at]
    if not word[0].isalnum() and word[0] not in "_.":
        raise ValueError(word)
    known = word in build
    if _RELEASE.match(word):  # every release of Go up to now, unless a build leaves it out
        known = word not in build
    return known != negated, at + 1
