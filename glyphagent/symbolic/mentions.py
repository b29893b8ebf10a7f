"""Answers about who uses a name, told by the lines in which it stands as a whole word."""

from __future__ import annotations

import re

from glyphagent.dependencies import Mention
from glyphagent.document import Location
from glyphagent.symbolic.lookup import no_scope, suggest
from glyphagent.symbolic.reply import MAX_MENTIONS, Book, Reply, inline, more, not_found, plural
from glyphagent.symbolic.scope import Narrowing, narrow
from glyphagent.symbolic.wording import Request

_VERBS = {"call": "called", "raise": "raised", "catch": "caught"}
# What stands on a line that calls, raises or catches a name, as far as one line tells.
_PATTERNS = {
    # Type arguments may stand before the brackets; a decorator is called without any.
    "call": r"(?<![\w$])NAME\s*(?:\[[^\]]*\]|<[^>]*>)?\(|@\s*[\w.]*\bNAME\b",
    "raise": r"\b(?:raise|throw)\s+(?:new\s+)?[\w.]*(?<![\w$])NAME(?![\w$])",
    "catch": r"\b(?:except|catch)\b.*(?<![\w$])NAME(?![\w$])",
}


def mentions(request: Request, book: Book) -> Reply:
    """List the lines, or the files, in which a name stands."""
    scope = narrow(request.within, book)
    if scope is None:
        return no_scope(request, book)
    bare = request.subject
    found = [each for each in book.index.mentions(bare) if scope.holds_line(each.path, each.line)]
    by_last_part = ""
    if not found and "." in bare:
        bare = bare.rpartition(".")[2]
        found = [
            each for each in book.index.mentions(bare) if scope.holds_line(each.path, each.line)
        ]
        by_last_part = f"`{request.subject}` itself stands nowhere; told by `{bare}` alone"
    uses = [each for each in found if not each.defines]
    if request.detail in _VERBS:
        pattern = re.compile(_PATTERNS[request.detail].replace("NAME", re.escape(bare)))
        uses = [each for each in uses if pattern.search(each.text)]
    elif request.detail == "files":
        uses = found
    if not uses:
        return _no_mention(request, book, found, scope)
    total, files = sum(each.count for each in uses), len({each.path for each in uses})
    verb = f"is {_VERBS[request.detail]} on" if request.detail in _VERBS else "stands on"
    head = f"`{bare}` {verb} {plural(len(uses), 'line')} of {plural(files, 'file')}"
    head += f" ({total} times)" if total != len(uses) else ""
    warnings = [by_last_part] if by_last_part else []
    if len({(d.path, d.qualified_name) for d in book.index.definitions(bare)}) > 1:
        warnings.append(f"several definitions are called `{bare}`; lines are told by name alone")
    if request.detail == "files":
        lines, cited = _by_file(uses, book)
    else:
        lines = [_mention_line(each) for each in uses[:MAX_MENTIONS]]
        lines += more(len(uses), MAX_MENTIONS, "lines")
        cited = uses[:MAX_MENTIONS]
    quotes = tuple(book.cite(_line(each)) for each in cited)
    text = "\n".join([head + ":", *lines])
    return Reply(text, True, True, request.kind, quotes, tuple(warnings))


def call_lines(name: str, scope: Narrowing, book: Book) -> list[Mention]:
    """Lines of a scope that call a name, told by their spelling; definitions left out."""
    pattern = re.compile(_PATTERNS["call"].replace("NAME", re.escape(name)))
    return [
        each
        for each in book.index.mentions(name)
        if not each.defines and scope.holds_line(each.path, each.line) and pattern.search(each.text)
    ]


def _by_file(uses: list[Mention], book: Book) -> tuple[list[str], list[Mention]]:
    firsts: dict[str, Mention] = {}
    counts: dict[str, int] = {}
    for each in uses:
        firsts.setdefault(each.path, each)
        counts[each.path] = counts.get(each.path, 0) + 1
    shown = list(firsts.values())[:MAX_MENTIONS]
    lines = []
    for each in shown:
        count = plural(counts[each.path], "line")
        lines.append(f"- {each.path}:{each.line} first of {count}: {inline(each.text)}")
    return lines + more(len(firsts), MAX_MENTIONS, "files"), shown


def _mention_line(each: Mention) -> str:
    within = f" in `{each.within}`" if each.within else ""
    return f"- {each.path}:{each.line}{within}: {inline(each.text)}"


def _line(each: Mention) -> Location:
    return Location(each.path, each.line, each.line)


def _no_mention(request: Request, book: Book, found: list[Mention], scope: Narrowing) -> Reply:
    name = request.subject
    where = f" in {scope.shown}" if scope.shown else " in the source"
    if found and request.detail in _VERBS:
        lines = [_mention_line(each) for each in found[:MAX_MENTIONS]]
        head = f"`{name}` is {_VERBS[request.detail]} on no line{where}; it is mentioned here:"
        text = "\n".join([head, *lines])
    elif found:
        first = found[0]
        text = f"no line{where} uses `{name}` apart from its definition at {_line(first)}."
    else:
        text = f"`{name}` stands nowhere{where}.{suggest(name, book)}"
    return not_found(request.kind, text, citations=[book.cite(_line(m)) for m in found[:5]])
