"""Functions that only some configurations of a C or C++ program have, and their other names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from sys import intern

from glyphagent.dependencies.facts import Declaration
from glyphagent.dependencies.languages.c.directives import Branches, Directives, exclude
from glyphagent.dependencies.languages.c.scopes import CONDITIONAL, FUNCTIONS, RENAMED

# A macro's text that is another function's name, or begins with a call of it.
_RENAMING = re.compile(r"\(*([A-Za-z_]\w*)[)\s]*(?:\(|$)")


def conditional(
    lines: Directives, declarations: Iterable[Declaration]
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Marks for an interface's `extra`, of the functions that only some configurations have."""
    places: dict[str, list[Branches]] = {}
    for each in declarations:
        if each.kind in FUNCTIONS:
            places.setdefault(each.qualified_name, []).append(lines.branches(each.line))
    names = tuple(sorted(name for name, every in places.items() if all(every)))
    if names:
        yield CONDITIONAL, names
    renamed: set[tuple[str, str]] = set()
    for macro in lines.macros:
        head = _RENAMING.match(macro.body) if macro.name in places else None
        if head is not None:
            around = lines.branches(macro.line)
            if all(exclude(around, each) for each in places[macro.name]):
                renamed.add((intern(macro.name), intern(head.group(1))))
    if renamed:
        yield RENAMED, tuple(sorted(renamed))
