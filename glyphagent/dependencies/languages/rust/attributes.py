"""What attributes before an item say: its build condition, its file, macros that it shows."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEAD = re.compile(r"#!?\s*\[\s*([\w:]+)\s*")
_STRING = re.compile(r'=\s*r?#*"((?:[^"\\]|\\.)*)"')
_PATH = re.compile(r'\bpath\s*=\s*r?#*"((?:[^"\\]|\\.)*)"')
_SPACES = re.compile(r"\s+")


class Attributes(NamedTuple):
    """What the attributes of one item say.

    Attributes:
        condition: Build condition, empty if none.
        paths: Pairs of a file named for a module and the condition of it.
        macro_use: Whether macros inside are visible after it.
        macro_export: Whether a macro is visible in other crates.
    """

    condition: str = ""
    paths: tuple[tuple[str, str], ...] = ()
    macro_use: bool = False
    macro_export: bool = False


NONE = Attributes()


def attributes(texts: list[str]) -> Attributes:
    """What the attributes with these texts say together."""
    if not texts:
        return NONE
    conditions: list[str] = []
    paths: list[tuple[str, str]] = []
    names = set()
    for text in texts:
        head = _HEAD.match(text)
        if head is None:
            continue
        name, rest = head[1], text[head.end() :]
        names.add(name)
        if name == "cfg":
            conditions.append(_inside(rest))
        elif name == "path":
            found = _STRING.match(rest)
            if found is not None:
                paths.append((found[1], ""))
        elif name == "cfg_attr":
            inside = _inside(rest)
            condition, end = _first_argument(inside)
            what = inside[end:]
            found = _PATH.search(what)
            if found is not None:
                paths.append((found[1], condition))
            if "macro_use" in what:
                names.add("macro_use")
            if "macro_export" in what:
                names.add("macro_export")
        elif name in ("test", "bench"):
            conditions.append("test")
    condition = joined(conditions)
    macro_use, macro_export = "macro_use" in names, "macro_export" in names
    return Attributes(condition, tuple(paths), macro_use, macro_export)


def joined(conditions: list[str]) -> str:
    """One condition that holds where all of these hold."""
    distinct = list(dict.fromkeys(each for each in conditions if each))
    return f"all({', '.join(distinct)})" if len(distinct) > 1 else "".join(distinct)


def _inside(text: str) -> str:
    """What stands between the outermost parentheses, blanks made one."""
    first, last = text.find("("), text.rfind(")")
    inside = text[first + 1 : last] if 0 <= first < last else ""
    return _SPACES.sub(" ", inside).strip().rstrip(",")


def _first_argument(text: str) -> tuple[str, int]:
    depth = 0
    quoted = False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            return text[:index].strip(), index + 1
    return text.strip(), len(text)
