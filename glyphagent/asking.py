"""How an answer comes about: by looking up what a reader read, or by asking a model.

Both give an `Answer` that is checked against the source, without places on pages; the session adds
these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from glyphagent.answer import Answer, verify
from glyphagent.dependencies import SymbolIndex
from glyphagent.document import Document
from glyphagent.guard import Guard
from glyphagent.plugins import Context
from glyphagent.reading import Reading, doubtful_lines
from glyphagent.symbolic import answer

_INSTRUCTIONS = (
    "The images are pages of source text. A coloured arrow mark is a line break; the small figure "
    "in it is the next line's indent; underlined figures are line numbers counted in that part of "
    "the page. Answer from the pages alone. Cite every place as path:line. Quote code exactly, in "
    "backticks. If the pages do not say, answer 'not found'.\n\nQuestion: "
)


def answer_by_reading(
    reading: Reading,
    index: SymbolIndex,
    question: str,
    documents: Mapping[str, Document] | None = None,
) -> Answer:
    """Answer from what was read, without a model; doubts about the reading become warnings.

    Args:
        reading: What was read on the pages.
        index: The names in it.
        question: What is asked.
        documents: The source that citations are held against; None where it is not at hand.
    """
    reply = answer(question, index, reading.texts)
    warnings = list(reply.warnings)
    for citation in reply.citations:
        place = citation.location
        if lines := doubtful_lines(reading, place):
            shown = ", ".join(map(str, lines[:5]))
            warnings.append(f"{place.path}: read with low confidence, line {shown}")
        if place.path in reading.shifted:
            warnings.append(f"{place.path}: a line break was misread; line numbers were mended")
    if documents is None:
        unchecked = tuple(dict.fromkeys(warnings))
        return Answer(reply.text, reply.found, reply.citations, warnings=unchecked)
    citations = tuple(verify(citation, documents) for citation in reply.citations)
    warnings += [
        f"{citation.location}: what is quoted is not what the source has there"
        for citation in citations
        if not citation.verified
    ]
    return Answer(reply.text, reply.found, citations, warnings=tuple(dict.fromkeys(warnings)))


def answer_by_model(
    context: Context,
    question: str,
    max_tokens: int,
    guard: Guard,
    on_chunk: Callable[[int], None],
) -> Answer:
    """Answer in a model's words, held against the source by `guard`.

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
    checked = guard.check(text, question)
    warnings = checked.warnings
    if found and not checked.citations:
        warnings = (*warnings, "the model cited no place in the source: check its answer")
    return Answer(checked.text, found, checked.citations, warnings=warnings, claims=checked.claims)
