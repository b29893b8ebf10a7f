"""How an answer comes about: by looking up what a reader read, or by asking a model.

Both give an `Answer` that is checked against the source, without places on pages; the session adds
these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from glyphagent.answer import Answer, verify
from glyphagent.dependencies import FileSymbols, SymbolIndex, extract_all
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Document
from glyphagent.errors import BackendError
from glyphagent.focus import names_in, pages_about
from glyphagent.guard import Guard
from glyphagent.outcomes import Places, visible
from glyphagent.page import Page
from glyphagent.plugins import Backend, Context
from glyphagent.reading import PageReader, Reading, doubtful_lines, read_documents
from glyphagent.sidecar import Sidecar
from glyphagent.symbolic import answer

_INSTRUCTIONS = (
    "The images are pages of source text. A coloured arrow mark is a line break; the small figure "
    "in it is the next line's indent; underlined figures are line numbers counted in that part of "
    "the page. Answer from the pages alone. Cite every place as path:line. Quote code exactly, in "
    "backticks. If the pages do not say, answer 'not found'."
)
FEW_TOKENS = 20_000
"""Pages of no more tokens than this are all sent: to choose among them would save little."""

_EXACT = (
    "\n\nExact tokens that stand on the pages, as text; where you need one of these, take it from "
    "here. Any other exact text can be had with read_region(path, first line, last line):\n"
)
_RENAMED = "\n\nRenamed since the pages were drawn; cite the new path (header -> new path):\n"


@dataclass(frozen=True, slots=True)
class Held:
    """Pages that a model holds, and their exact tokens as text.

    Attributes:
        context: The pages, held by the model.
        exact: One line for each page that has exact tokens.
    """

    context: Context
    exact: str


def hold(backend: Backend, pages: Sequence[Page], documents: Sequence[Document]) -> Held:
    """Give pages to a model, with the text that goes beside them.

    Raises:
        BackendError: If the model cannot take them.
    """
    return Held(backend.prefill(pages), Sidecar.of(pages, documents).text)


def pages_to_send(
    question: str,
    costs: Sequence[int],
    graph: Callable[[], DependencyGraph],
    places: Places,
    *,
    limit: int | None = None,
    budget: int | None = None,
    maps: int = 0,
    whole: bool = False,
) -> tuple[int, ...]:
    """Pages to send for a question: those of what it names and of its cone, or all of them.

    All of them where the question names nothing, and where they are so few that nothing is saved:
    the same pages for every question are read once and stay in caches.

    Args:
        question: What is asked.
        costs: Tokens of each page.
        graph: Gives the dependency graph of the source.
        places: Where documents stand on the pages.
        limit: Most images that the model takes; None for any number.
        budget: Most tokens of pages; None for any number.
        maps: How many of the pages, at the end, are the dependency map's; sent if they fit.
        whole: Whether all pages are wanted, if they fit.

    Raises:
        BackendError: If there is no page, or not all fit and the question names nothing.
    """
    if not costs:
        raise BackendError("there is no page to ask about: nothing could be rendered")
    every = tuple(range(len(costs)))
    too_many = limit is not None and len(costs) > limit
    fits = not too_many and (budget is None or sum(costs) <= budget)
    if fits and (whole or sum(costs) <= FEW_TOKENS):
        return every
    known = graph()
    named = names_in(question, known, places.line_counts)
    cost = costs.__getitem__
    chosen = pages_about(named, known, places, cost, most_pages=limit, budget=budget)
    if chosen:
        with_map = (*chosen, *every[len(every) - maps :])
        roomy = limit is None or len(with_map) <= limit
        return with_map if roomy and sum(map(cost, with_map)) <= (budget or sum(costs)) else chosen
    if fits:
        return every
    most = f"the model takes {limit} images" if too_many else f"the budget is {budget} tokens"
    raise BackendError(
        f"{most} and there are {len(costs)} pages: name a file or definition in the question, "
        "or narrow the source with --cone or --include"
    )


def read_source(
    page_reader: PageReader,
    pages: Sequence[Page],
    root_name: str,
    progress: Callable[[str, int, int], None],
    known: dict[str, tuple[str, FileSymbols]],
) -> tuple[Reading, SymbolIndex]:
    """What an embedded reader reads on pages, and the names in it.

    Args:
        page_reader: Reads pages, each once.
        pages: The pages of documents, in order.
        root_name: Name of the source's folder.
        progress: Called with stage, done and total.
        known: Texts by path, and the names that were found in them; brought up to date, so that
            the next call looks for names only in what was read otherwise.

    Raises:
        BackendError: If the reader refuses a page.
    """
    count = len(pages)
    seen = page_reader.read(pages, lambda done: progress("read pages", done, count))
    reading = read_documents(pages, seen)
    texts = reading.texts
    fresh = {p: text for p, text in texts.items() if p not in known or known[p][0] != text}
    found = extract_all(fresh) if fresh else {}
    for path in known.keys() - texts.keys():
        del known[path]
    known |= {path: (texts[path], symbols) for path, symbols in found.items()}
    extracted = {path: symbols for path, (_, symbols) in known.items()}
    return reading, SymbolIndex.build(reading.texts, extracted=extracted, root_name=root_name)


def answer_by_reading(
    reading: Reading,
    index: SymbolIndex,
    question: str,
    documents: Mapping[str, Document] | None = None,
    graph: Callable[[], DependencyGraph] | None = None,
) -> Answer:
    """Answer from what was read, without a model; doubts about the reading become warnings.

    Args:
        reading: What was read on the pages.
        index: The names in it.
        question: What is asked.
        documents: The source that citations are held against; None where it is not at hand.
        graph: Gives the dependency graph of what was read, where a question needs it; None to
            analyse it then.
    """
    reply = answer(question, index, reading.texts, graph)
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
    held: Held,
    question: str,
    max_tokens: int,
    guard: Guard,
    on_chunk: Callable[[int], None],
    renamed: Mapping[str, str] | None = None,
) -> Answer:
    """Answer in a model's words, held against the source by `guard`.

    Args:
        held: The pages, and their exact tokens.
        question: What is asked.
        max_tokens: Longest answer.
        guard: Holds the answer against the source.
        on_chunk: Called with the number of chunks that came, after each.
        renamed: Paths that headers on the pages show, by the path that each is called now.

    Raises:
        BackendError: If the model fails.
    """
    parts: list[str] = []
    exact = _EXACT + held.exact.rstrip() if held.exact else ""
    if renamed:
        # Escaped as in an overview: a hostile name must not pass for a line of ours.
        shown = {visible(new): visible(old) for new, old in renamed.items()}
        pairs = "\n".join(f"{old} -> {new}" for new, old in sorted(shown.items()))
        exact += f"{_RENAMED}{pairs}"
    prompt = f"{_INSTRUCTIONS}{exact}\n\nQuestion: {question}"
    stream: Any = held.context.stream(prompt, max_tokens)
    with closing(stream) as chunks:
        for chunk in chunks:
            parts.append(chunk.text)
            on_chunk(len(parts))
    text = "".join(parts).strip()
    text = _by_new_names(text, renamed or {})
    found = bool(text) and not text.casefold().startswith("not found")
    checked = guard.check(text, question)
    warnings = checked.warnings
    if found and not checked.citations:
        warnings = (*warnings, "the model cited no place in the source: check its answer")
    return Answer(checked.told, found, checked.citations, warnings=warnings, claims=checked.claims)


def _by_new_names(text: str, renamed: Mapping[str, str]) -> str:
    """The text with the paths that headers show replaced by those of now."""
    if not renamed:
        return text
    now = {old: new for new, old in renamed.items()}
    # The longest first, so that no path is taken for the end of another.
    old_paths = "|".join(map(re.escape, sorted(now, key=len, reverse=True)))
    return re.sub(rf"(?<![\w./-])(?:{old_paths})(?![\w/-])", lambda m: now[m[0]], text)
