"""What of a file's interface others can look at apart from the rest, and what a change of it shows.

A link that asks for one name of a file depends on that name alone; these are the keys under which
`World` knows such looks. The functions that take them are in `names`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from glyphagent.dependencies.facts import Interface

Look = tuple[str, Hashable]


def methods(interface: Interface | None) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name, path and qualified name of each method that an interface declares."""
    if interface is None:
        return
    for each in interface.declarations:
        if each.kind == "method":
            yield each.name, (interface.path, each.qualified_name)


def declared_names(interface: Interface | None) -> set[str]:
    """Qualified names that an interface declares."""
    return {each.qualified_name for each in interface.declarations} if interface else set()


def marks(interface: Interface | None, mark: str) -> tuple[Hashable, ...]:
    """What an interface's `extra` holds under a mark: a pair of the mark and its members."""
    for each in interface.extra if interface is not None else ():
        if isinstance(each, tuple) and len(each) == 2 and each[0] == mark:
            return each[1] if isinstance(each[1], tuple) else ()
    return ()


def changed_looks(path: str, before: Interface | None, after: Interface | None) -> set[Look]:
    """Looks at parts of a file's interface that would now give something else."""
    old, new = _parts(before), _parts(after)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return {(kind, (path, *rest)) for kind, rest in changed}


def _parts(interface: Interface | None) -> dict[tuple[str, tuple[Hashable, ...]], list[object]]:
    """All that is said of each single name, in the order of the file, and of the file itself."""
    found: dict[tuple[str, tuple[Hashable, ...]], list[object]] = defaultdict(list)
    if interface is None:
        return found
    for each in interface.declarations:
        found["declared", (each.parent, each.name)].append(each)
        found["symbol", (each.qualified_name,)].append(each)
    for fact in interface.imports:
        if fact.alias:
            found["imported", (fact.scope, fact.alias)].append(fact)
        for name, local in fact.names:
            found["imported", (fact.scope, local)].append((fact, name))
            if name == "*":
                found["stars", (fact.scope,)].append(fact)
    found["imports", ()].append(interface.imports)
    found["head", ()].append((interface.language, interface.package, interface.extra))
    for mark in interface.extra:
        if isinstance(mark, tuple) and len(mark) == 2 and isinstance(mark[1], tuple):
            found["marks", (mark[0],)].append(mark[1])
            for member in mark[1]:
                found["marked", (mark[0], member)].append(True)
    return found
