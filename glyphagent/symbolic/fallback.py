"""What is given where a question is not understood: passages, and that they are no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glyphagent.answer import Citation
from glyphagent.dependencies import Definition
from glyphagent.document import Location
from glyphagent.symbolic.passages import passages
from glyphagent.symbolic.reply import Book, Reply, block
from glyphagent.symbolic.wording import looks_like_code, may_be_name

_NO_REASONING = (
    "The embedded reader looks names up and does not reason about code. For a reasoned answer use "
    "a full vision-language model: `--backend chat --model ...` or `--backend local --model "
    "zai-org/Glyph`."
)
_LIMIT, _NAMED_LIMIT = 5, 3
_LINES = 12
_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
_WORD = re.compile(r"\w+")
_MAX_WORDS = 60


def best_passages(question: str, book: Book) -> Reply:
    """Give the passages that speak most of a question's words, the names in it first."""
    named = list(_definitions(question, book))[:_NAMED_LIMIT]
    places = [_opening(each, book) for each in named]
    for each in passages(question, book.texts, _LIMIT):
        if len(places) < _LIMIT and not any(_overlap(each.location, place) for place in places):
            places.append(each.location)
    if not places:
        missing = "no passage of the source fits this question."
        if _stands_nowhere(question, book):
            missing = "no word of this question stands in the source."
        return Reply(f"Not found: {missing} {_NO_REASONING}", False, False, "passages")
    what = "Definitions of names in the question, then lines" if named else "Lines"
    lines = [f"{_NO_REASONING}\n{what} that speak most of the question's words:"]
    cited: list[Citation] = []
    for place in places:
        lines += [str(place), block("\n".join(_lines(place, book)))]
        cited.append(book.cite(place))
    warning = "passages only: nothing here answers the question itself"
    return Reply("\n".join(lines), True, False, "passages", tuple(cited), (warning,))


def _definitions(question: str, book: Book) -> Iterator[Definition]:
    """Definitions of the names that stand in the question, spelled exactly so."""
    names = dict.fromkeys(match.group() for match in _NAME.finditer(question))
    for name in sorted(names, key=lambda name: not looks_like_code(name)):
        if not may_be_name(name):
            continue
        found = book.index.definitions(name)
        if not looks_like_code(name):
            # A plain word is a name only where little is called so, and no mere attribute.
            found = tuple(d for d in found if d.kind in ("function", "class") and not d.parent)
            if len(found) > 1:
                continue
        yield from found[:2]


def _opening(each: Definition, book: Book) -> Location:
    count = len(book.texts[each.path].split("\n"))
    last = min(max(each.location.line_end, each.header.line_end), each.line + _LINES - 1, count)
    return Location(each.path, each.line, max(last, each.line))


def _overlap(one: Location, other: Location) -> bool:
    return (
        one.path == other.path
        and one.line_start <= other.line_end
        and other.line_start <= one.line_end
    )


def _lines(place: Location, book: Book) -> list[str]:
    return book.texts[place.path].split("\n")[place.line_start - 1 : place.line_end]


def _stands_nowhere(question: str, book: Book) -> bool:
    """Whether the texts hold none of the question's words, not even inside others."""
    words = dict.fromkeys(_WORD.findall(question.lower()))
    if not words or len(words) > _MAX_WORDS:
        return False
    folded = (text.lower() for text in book.texts.values())
    return not any(word in text for text in folded for word in words)
