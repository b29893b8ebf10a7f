"""Answers and their citations, checked against the source.

A model, or the symbolic answerer, says where something stands; `verify` compares what it
quotes with the documents themselves. Nothing here asks a model anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

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


ClaimKind = Literal["citation", "path", "quote", "name", "value"]
ClaimStatus = Literal["confirmed", "corrected", "unverified", "unchecked"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a model's answer says of the source, and what the source says to it.

    Attributes:
        kind: `citation` (path and lines), `path`, `quote` (code or text said to stand there),
            `name` (of code) or `value` (number, version, hash, address).
        text: As the model wrote it.
        status: `confirmed` by the source, `corrected` to what the source has, `unverified` where
            the source speaks against it, or `unchecked` where it neither confirms nor denies it.
        location: Where the source has it, or the cited lines that do not; None if neither.
        replacement: What the answer has instead of it now; empty unless corrected.
        reason: Why it was corrected or could not be verified; empty when confirmed.
    """

    kind: ClaimKind
    text: str
    status: ClaimStatus
    location: Location | None = None
    replacement: str = ""
    reason: str = ""


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
        claims: What a model's answer says of the source, each checked; empty where the answer was
            looked up and not worded by a model.
        pages: Pages that were read or sent for this question, counted from 0, in order.
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
    claims: tuple[Claim, ...] = ()
    pages: tuple[int, ...] = ()


def verify(citation: Citation, documents: Mapping[str, Document]) -> Citation:
    """Give the citation back with `verified` decided against the documents."""
    place = citation.location
    document = documents.get(place.path)
    if document is None or not 1 <= place.line_start <= place.line_end <= document.line_count:
        return replace(citation, verified=False, source_text="")
    source = document.lines(place.line_start, place.line_end)
    if _unified(citation.quote).strip() in _unified(source):
        return replace(citation, verified=True, source_text="")
    return replace(citation, verified=False, source_text=source)


def _unified(text: str) -> str:
    """Text with line ends as models write them."""
    return text.replace("\r\n", "\n")
