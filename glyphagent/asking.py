"""How an answer comes about: by looking up what a reader read, or by asking a model.

Both give an `Answer` without places on pages; the session adds these and checks every citation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from glyphagent.answer import Answer, Citation, cited
from glyphagent.dependencies import SymbolIndex
from glyphagent.document import Document
from glyphagent.plugins import Context
from glyphagent.reading import Reading, doubtful_lines
from glyphagent.symbolic import answer

_INSTRUCTIONS = (
    "The images are pages of source text. A coloured arrow mark is a line break; the small figure "
    "in it is the next line's indent; underlined figures are line numbers counted in that part of "
    "the page. Answer from the pages alone. Cite every place as path:line. Quote code exactly, in "
    "backticks. If the pages do not say, answer 'not found'.\n\nQuestion: "
)


def answer_by_reading(reading: Reading, index: SymbolIndex, question: str) -> Answer:
    """Answer from what was read, without a model; doubts about the reading become warnings."""
    reply = answer(question, index, reading.texts)
    warnings = list(reply.warnings)
    for citation in reply.citations:
        place = citation.location
        if lines := doubtful_lines(reading, place):
            shown = ", ".join(map(str, lines[:5]))
            warnings.append(f"{place.path}: read with low confidence, line {shown}")
        if place.path in reading.shifted:
            warnings.append(f"{place.path}: a line break was misread; line numbers were mended")
    return Answer(reply.text, reply.found, reply.citations, warnings=tuple(dict.fromkeys(warnings)))


def answer_by_model(
    context: Context,
    question: str,
    max_tokens: int,
    documents: Mapping[str, Document],
    on_chunk: Callable[[int], None],
) -> Answer:
    """Answer in a model's words, with the citations found in them.

    Raises:
        BackendError: If the model fails.
    """
    parts: list[str] = []
    stream: Any = context.stream(_INSTRUCTIONS + question, max_tokens)
    with closing(stream) as chunks:
        for chunk in chunks:
            parts.append(chunk.text)
            on_chunk(len(parts))
    text = "".join(parts).strip()
    found = bool(text) and not text.casefold().startswith("not found")
    citations, warnings = cited(text, documents)
    if found and not citations:
        warnings = (*warnings, "the model cited no place in the source: check its answer")
    return Answer(text, found, citations, warnings=warnings)


def unconfirmed(citations: tuple[Citation, ...]) -> tuple[str, ...]:
    """Warnings for citations that the source does not confirm."""
    return tuple(
        f"{citation.location}: what is quoted is not what the source has there"
        for citation in citations
        if not citation.verified
    )
