"""Answers about a name: where it is defined, how, as what, and with which value.

All candidates of an ambiguous name are listed, none is chosen silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from glyphagent.dependencies import Definition
from glyphagent.symbolic.lookup import candidates, kind_remark
from glyphagent.symbolic.parameters import parameter_named, parameters
from glyphagent.symbolic.reply import (
    MAX_DEFINITIONS,
    Book,
    Reply,
    block,
    bullet,
    inline,
    more,
    not_found,
    plural,
)
from glyphagent.symbolic.scope import narrow
from glyphagent.symbolic.wording import Request

_CALLABLE = ("function", "method", "class")


def definition(request: Request, book: Book) -> Reply:
    """Say where a name is defined."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found
    name = request.subject
    if len(found) == 1:
        only = found[0]
        head = f"`{name}` is defined at {only.header} ({_kind(only)}): {inline(only.signature)}"
        return _reply(request, book, [head], found)
    head = f"`{name}` is defined in {len(found)} places:"
    return _listed(request, book, head, found, bullet)


def signature(request: Request, book: Book) -> Reply:
    """Give a name's header as written."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found

    def show(each: Definition) -> str:
        lines = [f"{each.header} {_kind(each)} `{each.qualified_name}`:", block(each.signature)]
        makers = _constructors(each, book)
        for maker in makers:
            lines += [f"{maker.header} its constructor:", block(maker.signature)]
        return "\n".join(lines)

    extra = [maker for each in found for maker in _constructors(each, book)]
    head = "" if len(found) == 1 else f"`{request.subject}` is defined in {len(found)} places:"
    return _listed(request, book, head, found, show, extra)


def count_parameters(request: Request, book: Book) -> Reply:
    """Say how many parameters a function takes."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found
    makers = [(_constructors(each, book) or [each])[0] for each in found]
    makers = [each for each in makers if each.kind in ("function", "method")]
    if not makers:
        return signature(request, book)

    def show(each: Definition) -> str:
        names = [name for name, _ in parameters(each.signature)]
        listed = f" ({', '.join(names)})" if names else ""
        count = plural(len(names), "parameter")
        return f"{each.header} `{each.qualified_name}` takes {count}{listed}"

    return _listed(request, book, "", makers, show)


def returns(request: Request, book: Book) -> Reply:
    """Give the return annotation of a function, where one is written."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found
    annotated = [(each, _return_annotation(each)) for each in found]
    if not any(text for _, text in annotated):
        lines = [bullet(each) for each in found[:MAX_DEFINITIONS]]
        text = "\n".join([f"no return type is written for `{request.subject}`.", *lines])
        return not_found(request.kind, text, citations=[book.cite(each.header) for each in found])
    shown = {id(each): text for each, text in annotated}

    def show(each: Definition) -> str:
        text = shown[id(each)]
        what = f"returns {inline(text)} by its annotation" if text else "has no return annotation"
        return f"{each.header} `{each.qualified_name}` {what}"

    return _listed(request, book, "", found, show)


def docstring(request: Request, book: Book) -> Reply:
    """Give a name's docstring or documentation comment."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found
    written = [each for each in found if each.docstring and each.docstring_location is not None]
    if not written:
        lines = [bullet(each) for each in found[:MAX_DEFINITIONS]]
        lines += more(len(found), MAX_DEFINITIONS, "definitions")
        text = "\n".join([f"`{request.subject}` is defined, but has no docstring.", *lines])
        cited = [book.cite(each.header) for each in found[:MAX_DEFINITIONS]]
        return not_found(request.kind, text, citations=cited)
    lines = []
    if len(found) > 1:
        lines.append(f"`{request.subject}` is defined in {len(found)} places:")
    cited = []
    for each in found[:MAX_DEFINITIONS]:
        if each.docstring_location is None:
            lines.append(f"{each.header} {_kind(each)} `{each.qualified_name}` has no docstring")
            continue
        lines.append(f"{each.docstring_location} docstring of `{each.qualified_name}`:")
        lines.append(block(each.docstring))
        cited.append(book.cite(each.docstring_location))
    lines += more(len(found), MAX_DEFINITIONS, "definitions")
    warnings = (*kind_remark(request, found), *book.warnings(each.path for each in found))
    return Reply("\n".join(lines), True, True, request.kind, tuple(cited), warnings)


def value(request: Request, book: Book) -> Reply:
    """Give what a constant or variable is set to, as written."""
    found = candidates(replace(request, hint=request.hint or "setting"), book)
    if isinstance(found, Reply):
        return _default(request, book) or found
    valued = [each for each in found if each.value]
    if not valued:
        lines = [bullet(each) for each in found[:MAX_DEFINITIONS]]
        text = "\n".join([f"`{request.subject}` is defined, but not set to a value.", *lines])
        cited = [book.cite(each.header) for each in found[:MAX_DEFINITIONS]]
        return not_found(request.kind, text, citations=cited)

    def show(each: Definition) -> str:
        if not each.value:
            return bullet(each).removeprefix("- ")
        long = "\n" in each.value or len(each.value) > 120
        shown = f"\n{block(each.value)}" if long else f" `{each.value}`"
        augmented = re.search(r"(?<![=!<>])[-+*/|&^%@]=(?!=)", each.signature.split(each.value)[0])
        verb = "is then changed by" if augmented else "is set to"
        return f"{each.location} `{each.qualified_name}` {verb}{shown}"

    head = "" if len(found) == 1 else f"`{request.subject}` is set in {len(found)} places:"
    return _listed(request, book, head, found, show)


def describe(request: Request, book: Book) -> Reply:
    """Say what a name is: its definition, value and first line of documentation."""
    found = candidates(request, book)
    if isinstance(found, Reply):
        return found
    if all(each.kind in ("constant", "variable", "attribute") for each in found):
        return value(request, book)

    def show(each: Definition) -> str:
        first = each.docstring.split("\n")[0]
        said = f"\n    {first}" if first else ""
        return (
            f"{each.header} {_kind(each)} `{each.qualified_name}`: {inline(each.signature)}{said}"
        )

    head = "" if len(found) == 1 else f"`{request.subject}` is defined in {len(found)} places:"
    return _listed(request, book, head, found, show)


def bases(request: Request, book: Book) -> Reply:
    """Say what a class inherits from, as its header writes it."""
    found = candidates(replace(request, hint=request.hint or "class"), book)
    if isinstance(found, Reply):
        return found

    def show(each: Definition) -> str:
        listed = ", ".join(f"`{base}`" for base in each.bases) or "no class by its header"
        return f"{each.header} `{each.qualified_name}` inherits from {listed}"

    return _listed(request, book, "", found, show)


def subclasses(request: Request, book: Book) -> Reply:
    """List the classes whose header names a class as their base."""
    bare = request.subject.rpartition(".")[2]
    found = [
        each
        for symbols in book.index.files.values()
        for each in symbols.definitions
        if any(re.split(r"[\[(<]", base)[0].rpartition(".")[2] == bare for base in each.bases)
    ]
    scope = narrow(request.within, book)
    found = scope.keep(found) if scope is not None else []
    if not found:
        known = candidates(request, book)
        if isinstance(known, Reply):
            return known
        text = f"no class in the source inherits from `{request.subject}` by its header."
        return not_found(request.kind, text, citations=[book.cite(d.header) for d in known[:1]])
    head = f"{plural(len(found), 'class')} with `{bare}` as a base, told by name:"
    return _listed(request, book, head, found, bullet)


def _default(request: Request, book: Book) -> Reply | None:
    """The default of a function's parameter, where the request narrows to a function."""
    scope = narrow(request.within, book)
    if scope is None or not scope.owners:
        return None
    lines, cited = [], []
    for owner in scope.owners:
        for each in _constructors(owner, book) or [owner]:
            text = parameter_named(each.signature, request.subject)
            if text is not None:
                lines.append(f"{each.header} parameter of `{each.qualified_name}`: `{text}`")
                cited.append(book.cite(each.header))
    return Reply("\n".join(lines), True, True, request.kind, tuple(cited)) if lines else None


def _constructors(each: Definition, book: Book) -> list[Definition]:
    """The `__init__`, `__new__` or `constructor` that a class writes itself."""
    if each.kind != "class":
        return []
    members = [d for d in book.index.members(each) if d.kind == "method"]
    for name in ("__init__", "constructor", "__new__"):
        found = [member for member in members if member.name == name]
        if found:
            return found
    return []


def _return_annotation(each: Definition) -> str:
    if each.kind not in ("function", "method"):
        return ""
    tail = each.signature[each.signature.rfind(")") + 1 :].strip()
    python = re.search(r"\)\s*->\s*(.+)\Z", each.signature, re.DOTALL)
    if python is not None:
        return python.group(1)
    return tail.removeprefix(":").strip() if tail.startswith(":") else ""


def _kind(each: Definition) -> str:
    return f"{each.kind} of `{each.parent}`" if each.parent and each.kind == "method" else each.kind


def _listed(
    request: Request,
    book: Book,
    head: str,
    found: Iterable[Definition],
    show: Callable[[Definition], str],
    extra: Iterable[Definition] = (),
) -> Reply:
    """One reply for all candidates: a headline, one entry each, and how many were left out."""
    every = tuple(found)
    lines = [head] if head else []
    lines += [show(each) for each in every[:MAX_DEFINITIONS]]
    lines += more(len(every), MAX_DEFINITIONS, "definitions")
    return _reply(request, book, lines, (*every, *extra))


def _reply(request: Request, book: Book, lines: list[str], found: tuple[Definition, ...]) -> Reply:
    warnings = [*kind_remark(request, found), *book.warnings(each.path for each in found)]
    owner, _, member = request.subject.rpartition(".")
    if not owner and any(each.kind == "class" for each in book.index.definitions(request.within)):
        owner = request.within
    if any(owner and each.name == member and not _names(owner, each, book) for each in found):
        warnings.append(
            f"`{owner}` does not define `{member}` itself; bases were followed by their names"
        )
    cited = tuple(book.cite(each.header) for each in found[: 2 * MAX_DEFINITIONS])
    return Reply("\n".join(lines), True, True, request.kind, cited, tuple(warnings))


def _names(owner: str, each: Definition, book: Book) -> bool:
    return each in book.index.definitions(f"{owner}.{each.name}")
