"""Preprocessor lines of C and C++: includes, macros and the conditions around them.

A scan of its own that knows comments, strings and continued lines, so that no macro that confuses
the grammar can hide an include. Both branches of every condition count; what decides between
them is kept as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

# What can hide a directive, or be one. Each alternative ends in linear time.
_TOKEN = re.compile(
    r"""
      /\*.*?(?:\*/|\Z)
    | //(?:\\\r?\n|[^\n])*
    | (?<![A-Za-z0-9_])(?:u8|[uUL])?R"(?P<raw>[^()\\\s]{0,16})\(.*?(?:\)(?P=raw)"|\Z)
    | "(?:\\(?:\r?\n|.)|[^"\\\n])*"?
    | (?<![A-Za-z0-9_])'(?:\\.|[^'\\\n]){1,10}'
    | (?:^|(?<=\*/))[ \t\f\v]*(?:\#|%:|\?\?=)
      (?P<rest>(?:[^\n\\/"]|\\\r?\n|\\.|/\*.*?(?:\*/|\Z)|//(?:\\\r?\n|[^\n])*|/
                 |"(?:\\(?:\r?\n|.)|[^"\\\n])*"?)*)
    | ^[ \t]*(?P<module>(?:export[ \t]+)?(?:import|module)\b[^;\n(={+\-*/]*;)
    """,
    re.S | re.M | re.X,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|//(?:\\\r?\n|[^\n])*", re.S)
_JOIN = re.compile(r"\\\r?\n")
_SPACE = re.compile(r"(?:\s|\\\r?\n)*")
_WORD = re.compile(r"(?:\s|\\\r?\n)*([A-Za-z_](?:\\\r?\n|\w)*)")
_TARGET = re.compile(r'\s*(?:"([^"\n]*)"|<([^>\n]*)>)')
_MACRO = re.compile(r"(?:\s|\\\r?\n)*([A-Za-z_]\w*)(\([^)]*\)?)?(.*)", re.S)
_MODULE = re.compile(
    r'(export\s+)?(import|module)\s*(?:"([^"]+)"|<([^>]+)>|(:?[\w.]+(?::[\w.]+)?)|)\s*(?:\[\[.*)?;\Z',
    re.S,
)
_INCLUDES = ("include", "include_next", "import")


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An include as written.

    Attributes:
        target: Name between the quotes or brackets; the expression if it is computed.
        form: `quote`, `angle` or `computed`.
        following: Whether it is `#include_next`.
        condition: Conditions around it, outermost first, empty if there is none.
        line: Line from 1.
        column: Column of the name from 1.
    """

    target: str
    form: str
    following: bool
    condition: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro's definition: its name, parameters with brackets or nothing, its text and place."""

    name: str
    parameters: str
    body: str
    line: int
    column: int
    line_end: int


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A C++20 module line: `import` or `module`, the module's name, and whether it is exported."""

    word: str
    name: str
    exported: bool
    line: int
    column: int


# The conditions around a line, outermost first: of each, which one of the file it is and which
# of its branches this is. A header's guard is none.
Branches = tuple[tuple[int, int], ...]
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Directives:
    """What the preprocessor lines of a file say, each in the order of the file.

    Attributes:
        inclusions: All includes.
        macros: All definitions of macros.
        modules: All lines of C++20 modules.
        changes: Lines at which the conditions change, and what they are from there on.
    """

    inclusions: tuple[Inclusion, ...]
    macros: tuple[Macro, ...]
    modules: tuple[ModuleLine, ...]
    changes: tuple[tuple[int, Branches], ...] = ()

    def branches(self, line: int) -> Branches:
        """Conditions around a line."""
        at = bisect_right(self.changes, line, key=lambda each: each[0])
        return self.changes[at - 1][1] if at else ()


def exclude(one: Branches, other: Branches) -> bool:
    """Whether no configuration has both of two lines: they are in branches of one condition."""
    there = dict(other)
    return any(there.get(condition, branch) != branch for condition, branch in one)


def directives(text: str) -> Directives:
    """What the preprocessor lines of a text say."""
    starts = [0]
    starts += [match.end() for match in re.finditer("\n", text)]
    inclusions: list[Inclusion] = []
    macros: list[Macro] = []
    modules: list[ModuleLine] = []
    conditions: list[tuple[str, str]] = []
    # The macro that keeps a header from being read twice decides nothing: `#ifndef X` and
    # `#define X` as the first two directives.
    guard, seen = "", 0
    changes: list[tuple[int, Branches]] = []
    open_branches: list[tuple[int, int]] = []

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    for token in _TOKEN.finditer(text):
        module = token.group("module")
        if module is not None:
            line = _module(module, *place(token.start("module")))
            if line is not None:
                modules.append(line)
            continue
        rest = token.group("rest")
        if rest is None:
            continue
        match = _WORD.match(rest)
        if match is None:
            continue
        word, body = _JOIN.sub("", match.group(1)), rest[match.end() :]
        seen += 1
        if seen == 1 and word == "ifndef":
            guard = _plain(body)
        elif seen == 2 and guard and word == "define" and _plain(body).split(" ")[0] == guard:
            conditions[:] = [("", "")]
            changes.clear()
        if word in _INCLUDES:
            found = _TARGET.match(_uncommented(body))
            blank = _SPACE.match(body)
            at = token.start("rest") + match.end() + (blank.end() if blank else 0)
            condition = " && ".join(each for _, each in conditions if each)
            if found is not None:
                quoted, angled = found.groups()
                target = quoted if quoted is not None else angled
                form = "quote" if quoted is not None else "angle"
            else:
                target, form = _plain(body), "computed"
            if target:
                following = word == "include_next"
                inclusions.append(Inclusion(target.strip(), form, following, condition, *place(at)))
        elif word == "define":
            named = _MACRO.match(body)
            if named is not None:
                at = token.start("rest") + match.end() + named.start(1)
                last = place(token.end())[0]
                parameters = named.group(2) or ""
                macros.append(
                    Macro(named.group(1), parameters, _plain(named.group(3)), *place(at), last)
                )
        else:
            _branch(conditions, word, _plain(body))
            if _enter(open_branches, word, seen):
                # The outermost of a guarded header is its guard.
                guarded = bool(conditions) and conditions[0] == ("", "")
                inside = tuple(open_branches[guarded:_DEEPEST])
                changes.append((place(token.start("rest"))[0], inside))
    return Directives(tuple(inclusions), tuple(macros), tuple(modules), tuple(changes))


def _enter(open_branches: list[tuple[int, int]], word: str, number: int) -> bool:
    """Enter, change or leave a condition; whether a directive does so."""
    if word in ("if", "ifdef", "ifndef"):
        open_branches.append((number, 0))
    elif word in ("elif", "elifdef", "elifndef", "else"):
        if open_branches:
            condition, branch = open_branches[-1]
            open_branches[-1] = (condition, branch + 1)
    elif word == "endif":
        del open_branches[-1:]
    else:
        return False
    return True


def _branch(conditions: list[tuple[str, str]], word: str, body: str) -> None:
    """Enter, change or leave a condition; an entry holds all of it so far, and what is in force."""
    if word == "if":
        conditions.append((body, body))
    elif word == "ifdef":
        conditions.append((f"defined({body})",) * 2)
    elif word == "ifndef":
        conditions.append((f"!defined({body})",) * 2)
    elif word in ("elif", "elifdef", "elifndef") and conditions:
        now = {"elif": body, "elifdef": f"defined({body})"}.get(word, f"!defined({body})")
        conditions[-1] = (f"{conditions[-1][0]} || {now}", now)
    elif word == "else" and conditions:
        before = conditions[-1][0]
        conditions[-1] = (before, f"!({before})" if before else "")
    elif word == "endif" and conditions:
        conditions.pop()


def _uncommented(text: str) -> str:
    return _COMMENT.sub(" ", _JOIN.sub("", text)) if "/*" in text or "\\" in text else text


def _plain(text: str) -> str:
    """Text of a line without comments and continuations, blanks made single."""
    return " ".join(_COMMENT.sub(" ", _JOIN.sub(" ", text)).split())


def _module(text: str, line: int, column: int) -> ModuleLine | None:
    match = _MODULE.match(text)
    if match is None:
        return None
    exported, word, quoted, angled, name = match.groups()
    if quoted or angled or not name:
        return None
    return ModuleLine(word, name, bool(exported), line, column)
