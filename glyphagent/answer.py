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
        verified: Whether the lines exist and the quote stands in them, character by character
            (surrounding blanks, and how line ends are written, apart).
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
    place = citation.location
    document = documents.get(place.path)
    if document is None or not 1 <= place.line_start <= place.line_end <= document.line_count:
        return replace(citation, verified=False, source_text="")
    if _holds(place, citation.quote, documents):
        return replace(citation, verified=True, source_text="")
    source = document.lines(place.line_start, place.line_end)
    return replace(citation, verified=False, source_text=source)


_LINES = re.compile(r":([0-9]{1,9})(?:\s*[-\u2013]\s*([0-9]{1,9}))?(?![0-9])")
_NAME = re.compile(r"[^\s`'\"()\[\]<>,;:]*\Z")  # of a path that the source does not have
_QUOTE = re.compile(r"```[^\n`]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_LEAST_QUOTE = 3  # shorter code stands anywhere
_LONGEST_NAME = 1000


def cited(
    text: str, documents: Mapping[str, Document]
) -> tuple[tuple[Citation, ...], tuple[str, ...]]:
    """Citations that a model's answer makes, and warnings about what does not hold.

    A citation is `path:line` or `path:first-last` with a path of the source, its folder left out
    where that is unambiguous. Code in backticks belongs to the citations of its own line of the
    answer (of the whole answer, if it has a code block): if it stands in none of them but in one
    place of the source alone, a citation of that place is added. A warning says so, and also if
    it stands nowhere, or in several places and not in the cited one.
    """
    citations: dict[Location, Citation] = {}
    warnings: list[str] = []
    fenced = any(match.group(1) for match in _QUOTE.finditer(text))
    for row in [text] if fenced else text.split("\n"):
        here: list[Location] = []
        for match in _LINES.finditer(row):
            name, paths = _cited_paths(row[: match.start()], documents)
            if len(paths) == 1:
                first, last = match.group(1), match.group(2)
                here.append(Location(paths[0], int(first), int(last or first)))
                citations.setdefault(here[-1], Citation(here[-1]))
            elif paths or ("." in name and "//" not in name):
                reason = "several documents" if paths else "no document"
                warnings.append(f"the answer cites {name}{match.group()}: {reason} so named")
        for match in _QUOTE.finditer(row):
            quote = (match.group(1) or match.group(2)).strip()
            if len(quote) < _LEAST_QUOTE or _names_a_place(quote, documents):
                continue
            holder = next((p for p in here if _holds(p, quote, documents)), None)
            if holder is not None:
                citations[holder] = replace(citations[holder], quote=quote)
                continue
            found = _places_of(quote, documents)
            if len(found) == 1:
                citations.setdefault(found[0], Citation(found[0], quote=quote))
            if not found:
                warnings.append(f"`{quote}` is nowhere in the source")
            elif here:
                where = f"at {found[0]}" if len(found) == 1 else "in several other places"
                warnings.append(f"`{quote}` is not in the cited lines but {where}")
    checked = tuple(verify(citation, documents) for citation in citations.values())
    return checked, tuple(dict.fromkeys(warnings))


def _cited_paths(before: str, documents: Mapping[str, Document]) -> tuple[str, list[str]]:
    """The name that closes a text, and the documents that it may mean.

    Paths may hold blanks and brackets, so the documents themselves are tried first.
    """
    before = before[-_LONGEST_NAME:]
    closing = [
        path
        for path in documents
        if before.endswith(path) and not re.search(r"[\w.+@/\\-]\Z", before.removesuffix(path))
    ]
    if closing:
        longest = max(closing, key=len)
        return longest, [longest]
    found = _NAME.search(before)
    name = found.group() if found else ""
    return name, _paths(name, documents)


def _paths(name: str, documents: Mapping[str, Document]) -> list[str]:
    name = name.removeprefix("./")
    if name in documents:
        return [name]
    return [path for path in documents if path.endswith("/" + name)] if name else []


def _names_a_place(quote: str, documents: Mapping[str, Document]) -> bool:
    """Whether a quote is not code but the name of a document, with or without lines."""
    if _paths(quote, documents):
        return True
    match = _LINES.search(quote)
    if match is None or match.end() != len(quote):
        return False
    name, paths = _cited_paths(quote[: match.start()], documents)
    return bool(paths) or "." in name


def _unified(text: str) -> str:
    """Text with line ends as models write them."""
    return text.replace("\r\n", "\n")


def _holds(place: Location, quote: str, documents: Mapping[str, Document]) -> bool:
    lines = documents[place.path].lines(place.line_start, place.line_end)
    return _unified(quote).strip() in _unified(lines)


def _places_of(quote: str, documents: Mapping[str, Document]) -> list[Location]:
    """At most two places where a quote stands."""
    quote = _unified(quote)
    found: dict[Location, None] = {}
    for document in documents.values():
        text = _unified(document.text)
        offset = text.find(quote)
        while offset != -1 and len(found) < 2:
            first = text.count("\n", 0, offset) + 1
            found[Location(document.path, first, first + quote.count("\n"))] = None
            offset = text.find(quote, offset + 1)
    return list(found)
