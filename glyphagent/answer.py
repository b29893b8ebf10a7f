"""Answers and their citations, checked against the source.

A model, or the symbolic answerer, says where something stands; `verify` compares what it
quotes with the documents themselves. Nothing here asks a model anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from glyphagent.document import Document, Location


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that an answer rests on.

    Attributes:
        location: Path and lines.
        page: Page number from 0 that shows the first of these lines, or None if none does.
        box: Pixels `(left, top, right, bottom)` on that page, half-open, origin top left.
        quote: Text that the answer says stands there; empty when it quotes nothing.
        verified: Whether the quote stands in those lines of the source, character by character
            (surrounding blanks apart); for an empty quote, whether the lines exist.
        source_text: What the source has in those lines when the quote is not verified.
    """

    location: Location
    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    quote: str = ""
    verified: bool = False
    source_text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a question.

    Attributes:
        text: The answer, for a person or an agent to read.
        found: False when the thing asked for is not in the source.
        citations: Places it rests on, most important first.
        backend: Name of the backend that answered.
        model: Model behind it.
        visual_tokens: Visual tokens of the pages that were held for this question.
        seconds: Wall time from question to answer.
        revision: State of the source that was asked.
        warnings: What the reader of this answer must know: unverified quotes, low reading
            confidence, a question that the embedded reader cannot reason about.
    """

    text: str
    found: bool
    citations: tuple[Citation, ...] = ()
    backend: str = ""
    model: str = ""
    visual_tokens: int = 0
    seconds: float = 0.0
    revision: str = ""
    warnings: tuple[str, ...] = ()


def verify(citation: Citation, documents: Mapping[str, Document]) -> Citation:
    """Give the citation back with `verified` decided against the documents."""
    document = documents.get(citation.location.path)
    if document is None or not 1 <= citation.location.line_start <= document.line_count:
        return replace(citation, verified=False, source_text="")
    source = document.lines(citation.location.line_start, citation.location.line_end)
    quote = citation.quote.strip()
    if quote in source:
        return replace(citation, verified=True, source_text="")
    return replace(citation, verified=False, source_text=source)


_PLACE = re.compile(r"([\w./@+\- ]*[\w+\-]):(\d+)(?:\s*[-–]\s*(\d+))?")
_QUOTE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_LEAST_QUOTE = 3  # shorter code stands anywhere


def cited(
    text: str, documents: Mapping[str, Document]
) -> tuple[tuple[Citation, ...], tuple[str, ...]]:
    """Citations that a model's answer makes, and warnings about what does not hold.

    A citation is `path:line` or `path:first-last` with a path of the source, its folder left out
    where that is unambiguous. Code in backticks belongs to the citations of its own line of the
    answer: if it stands in none of them but in one place of the source alone, a citation of that
    place is added; if it stands nowhere, or in several places, a warning says so.
    """
    citations: dict[Location, Citation] = {}
    warnings: list[str] = []
    fenced = "\n".join(match.group() for match in _QUOTE.finditer(text) if match.group(1))
    rows = text.split("\n") if not fenced else [text]
    for row in rows:
        here: list[Location] = []
        for match in _PLACE.finditer(row):
            name, first, last = match.group(1).split(" ")[-1], match.group(2), match.group(3)
            paths = _paths(name, documents)
            if len(paths) != 1:
                if "." in name or paths:
                    reason = "several documents" if paths else "no document"
                    warnings.append(f"the answer cites {match.group().strip()}: {reason} so named")
                continue
            place = Location(paths[0], int(first), int(last or first))
            here.append(place)
            citations.setdefault(place, Citation(place))
        for match in _QUOTE.finditer(row):
            quote = (match.group(1) or match.group(2)).strip()
            if len(quote) < _LEAST_QUOTE or _PLACE.fullmatch(quote) or _paths(quote, documents):
                continue
            holder = next((p for p in here if _holds(p, quote, documents)), None)
            if holder is not None:
                citations[holder] = replace(citations[holder], quote=quote)
                continue
            found = _places_of(quote, documents)
            if len(found) == 1:
                citations.setdefault(found[0], Citation(found[0], quote=quote))
                if here:
                    warnings.append(f"`{quote}` is not in the cited lines but at {found[0]}")
            elif not found:
                warnings.append(f"`{quote}` is nowhere in the source")
    checked = tuple(verify(citation, documents) for citation in citations.values())
    return checked, tuple(dict.fromkeys(warnings))


def _paths(name: str, documents: Mapping[str, Document]) -> list[str]:
    name = name.removeprefix("./")
    if name in documents:
        return [name]
    return [path for path in documents if path.endswith("/" + name)] if name else []


def _holds(place: Location, quote: str, documents: Mapping[str, Document]) -> bool:
    return quote in documents[place.path].lines(place.line_start, place.line_end)


def _places_of(quote: str, documents: Mapping[str, Document]) -> list[Location]:
    """At most two places where a quote stands."""
    found: list[Location] = []
    for document in documents.values():
        offset = document.text.find(quote)
        while offset != -1 and len(found) < 2:
            last = document.line_at(offset + len(quote) - 1)
            found.append(Location(document.path, document.line_at(offset), last))
            offset = document.text.find(quote, offset + 1)
    return found
