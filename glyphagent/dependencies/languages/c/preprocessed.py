"""A C or C++ file's preprocessor lines as imports, macros and a module's name."""

from __future__ import annotations

from sys import intern

from glyphagent.dependencies.facts import Declaration, ImportFact
from glyphagent.dependencies.languages.c.directives import Directives, Inclusion


def imports(lines: Directives) -> tuple[ImportFact, ...]:
    """Includes, then module imports, each in the order of the file."""
    found = [_inclusion(each, lines) for each in lines.inclusions]
    found += [
        ImportFact(each.name, "module", line=each.line, column=each.column)
        for each in lines.modules
        if each.word == "import"
    ]
    return tuple(found)


def _inclusion(each: Inclusion, lines: Directives) -> ImportFact:
    kind = each.form + ("_next" if each.following else "")
    names: tuple[tuple[str, str], ...] = ()
    if each.form == "computed":
        bodies = [macro.body for macro in lines.macros if macro.name == each.target]
        names = tuple(
            (body[1:-1], "quote" if body[0] == '"' else "angle")
            for body in dict.fromkeys(bodies)
            if len(body) > 2 and body[0] + body[-1] in ('""', "<>")
        )
    return ImportFact(
        intern(each.target),
        kind,
        names,
        condition=each.condition,
        computed=each.form == "computed",
        line=each.line,
        column=each.column,
    )


def module(lines: Directives) -> tuple[str, tuple[object, ...]]:
    """The module that a file belongs to, and the mark of the unit that declares it."""
    for each in lines.modules:
        if each.word == "module":
            return each.name, ("module",) if each.exported else ()
    return "", ()


def macros(lines: Directives) -> tuple[Declaration, ...]:
    """Every macro that is defined, as a declaration."""
    return tuple(
        Declaration(
            intern(each.name),
            intern(each.name),
            "macro",
            line=each.line,
            column=each.column,
            line_end=each.line_end,
        )
        for each in lines.macros
    )
