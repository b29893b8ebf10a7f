"""Answers and their citations, checked against the source.

A model, or the symbolic answerer, says where something stands; `verify` compares what it
quotes with the documents themselves. Nothing here asks a model anything.
"""

from __future__ import annotations

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
