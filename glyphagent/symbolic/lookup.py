"""Every definition that a question may mean, or the reply that says there is none.

A name that is spelled otherwise than in the texts is not found; near spellings are offered as
suggestions and never taken for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from glyphagent.dependencies import Definition
from glyphagent.document import Location
from glyphagent.symbolic.reply import MAX_DEFINITIONS, Book, Reply, bullet, more, not_found, plural
from glyphagent.symbolic.scope import Narrowing, narrow
from glyphagent.symbolic.wording import Request

_HINTS = {
    "class": ("class", "interface", "enum", "type"),
    "exception": ("class",),
    "struct": ("class", "type"),
    "interface": ("interface", "class", "type"),
    "type": ("type", "interface", "class", "enum"),
    "enum": ("enum", "class"),
    "function": ("function", "method"),
    "coroutine": ("function", "method"),
    "decorator": ("function", "method", "class"),
    "method": ("method", "function"),
    "property": ("method", "attribute", "variable"),
    "constant": ("constant", "variable"),
    "variable": ("variable", "constant", "attribute"),
    "global": ("variable", "constant"),
    "setting": ("variable", "constant", "attribute"),
    "attribute": ("attribute", "variable", "constant", "method"),
    "field": ("attribute", "variable", "constant"),
    "macro": ("constant", "function"),
}


def candidates(request: Request, book: Book) -> tuple[Definition, ...] | Reply:
    """Give every definition that the request may mean, or the reply that says there is none."""
    scope = narrow(request.within, book)
    if scope is None:
        return no_scope(request, book)
    everywhere = book.index.definitions(request.subject)
    if scope.owners:
        joined = [f"{owner.qualified_name}.{request.subject}" for owner in scope.owners]
        members = [d for name in joined for d in book.index.definitions(name)]
        everywhere = tuple(dict.fromkeys([*everywhere, *members]))
    found = scope.keep(everywhere)
    if not found:
        names = [f"{owner.qualified_name}.{request.subject}" for owner in scope.owners]
        for name in names or ([request.subject] if not request.within else []):
            found += book.index.inherited(name)
        found = list(dict.fromkeys(found))
    if not found:
        return _unknown(request, book, scope, everywhere)
    hinted = [each for each in found if each.kind in _HINTS.get(request.hint, (each.kind,))]
    return tuple(hinted or found)


def kind_remark(request: Request, found: Iterable[Definition]) -> tuple[str, ...]:
    """Say that what was found is of another kind than the question takes it for, if so."""
    kinds = list(dict.fromkeys(each.kind for each in found))
    wanted = _HINTS.get(request.hint)
    if wanted is None or not kinds or any(kind in wanted for kind in kinds):
        return ()
    return (f"`{request.subject}` is no {request.hint}: it is defined as {' and '.join(kinds)}",)


def no_scope(request: Request, book: Book) -> Reply:
    """Say that nothing in the source is called what the question narrows to."""
    lines = [f"neither a file nor a definition called `{request.within}` is in the source."]
    found = book.index.definitions(request.subject)
    if found:
        lines.append(f"`{request.subject}` itself is defined here:")
        lines += [bullet(each) for each in found[:MAX_DEFINITIONS]]
        lines += more(len(found), MAX_DEFINITIONS, "definitions")
    cited = [book.cite(each.header) for each in found[:MAX_DEFINITIONS]]
    return not_found(request.kind, "\n".join(lines), citations=cited)


def _unknown(
    request: Request, book: Book, scope: Narrowing, elsewhere: tuple[Definition, ...]
) -> Reply:
    name = request.subject
    where = f" in {scope.shown}" if scope.shown else " in the source"
    lines = [f"no definition of `{name}`{where}."]
    cited = []
    if elsewhere:
        lines.append("Defined elsewhere:")
        lines += [bullet(each) for each in elsewhere[:MAX_DEFINITIONS]]
        cited += [book.cite(each.header) for each in elsewhere[:MAX_DEFINITIONS]]
    else:
        taken = book.index.importers_of_name(name)[:3]
        lines += [f"- {each.location} imports it from `{each.module}`" for each in taken]
        cited += [book.cite(each.location) for each in taken]
        if not taken:
            seen = book.index.mentions(name)
            if seen:
                first = Location(seen[0].path, seen[0].line, seen[0].line)
                lines.append(f"It stands on {plural(len(seen), 'line')}, first at {first}.")
                cited.append(book.cite(first))
        lines.append(suggest(name, book).strip())
    return not_found(request.kind, "\n".join(filter(None, lines)), citations=cited)


def suggest(name: str, book: Book) -> str:
    """Give a sentence with names of nearly this spelling and their places, or nothing."""
    near = book.index.suggestions(name)
    if not near:
        return ""
    places = []
    for each in near:
        first = book.index.definitions(each)[0]
        places.append(f"`{each}` ({first.path}:{first.line})")
    return f"\nSuggestions only, names with a similar spelling: {', '.join(places)}."
