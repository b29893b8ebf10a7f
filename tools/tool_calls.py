"""What each agent tool does: checked arguments and a session to a bounded result.

An agent's context is what this product saves, so nothing here grows without limit: whatever is
cut says so, and says how to get the rest. Names, descriptions and errors are `toolset`'s.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from glyphagent.document import Document
from glyphagent.errors import PageError, SourceError

from .answers import answer_facts, place
from .tool_names import named

if TYPE_CHECKING:
    from glyphagent.answer import Citation
    from glyphagent.session import Session

REGION_LINES = 400
REGION_CHARACTERS = 40_000
SEARCH_HITS = 20
HIT_CHARACTERS = 200
OVERVIEW_CHARACTERS = 12_000
ANSWER_CHARACTERS = 12_000
CITATIONS = 20
_COMMANDS = re.compile(
    r"For a reasoned answer use [^\n`]*`--backend [^\n`]*`(?: or `--[^\n`]*`)*\."
)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gives back, in no framework's terms.

    Attributes:
        text: For the model to read.
        artifact: The same as data, for the program around the model; always has `revision`.
        images: PNG files for the model to see, in order.
    """

    text: str
    artifact: Mapping[str, Any]
    images: tuple[bytes, ...] = field(default=(), repr=False)


class Arguments(BaseModel):
    """Arguments of a tool; this class itself is that of tools that take none."""

    model_config = ConfigDict(extra="forbid")


class PageArguments(Arguments):
    """Which page."""

    page: int = Field(ge=0, description="Page number, counted from 0.")


class RegionArguments(Arguments):
    """Which lines of which file."""

    path: str = Field(
        min_length=1, description="Path of the file as the overview lists it, with '/'."
    )
    start: int = Field(ge=1, description="First line, counted from 1.")
    end: int = Field(ge=1, description="Last line, included.")


class SearchArguments(Arguments):
    """What to look for."""

    query: str = Field(
        min_length=1, max_length=500, description="Literal text to find, letter case ignored."
    )


class QuestionArguments(Arguments):
    """What to ask."""

    question: str = Field(
        min_length=1, max_length=4000, description="A question about the source, in plain words."
    )


class EstimateArguments(Arguments):
    """Whose tokens to count."""

    model: str = Field(
        default="",
        max_length=200,
        description="Id of the model that would read the source, such as your own; "
        "left out: the reading model of this session.",
    )


def overview(session: Session, _: Arguments) -> ToolResult:
    """Folders, files, line counts and pages, as far as the limit goes."""
    text = session.overview()
    kept = text
    if len(text) > OVERVIEW_CHARACTERS:
        kept = text[:OVERVIEW_CHARACTERS].rpartition("\n")[0]
        left = text.count("\n", len(kept) + 1) + 1
        kept += f"\n... {left} more lines; {named('glyph_search')} finds names in all files"
    artifact = {
        "revision": session.revision,
        "documents": len(session.documents),
        "pages": len(session.pages),
        "skipped": len(session.skipped),
        "truncated": kept is not text,
    }
    return ToolResult(f"{kept}\nrevision {session.revision}", artifact)


def read_page(session: Session, arguments: PageArguments) -> ToolResult:
    """A page as an image, with a text that says what it shows.

    Raises:
        PageError: If there is no such page.
    """
    count = len(session.pages)
    if arguments.page >= count:
        raise PageError(
            f"no page {arguments.page}; pages are 0 to {count - 1}"
            if count
            else "there are no pages: no file of this source could be rendered"
        )
    png = session.page_png(arguments.page)
    parts = session.page_locations(arguments.page)
    drawn_as = session.snapshot.made.plan.drawn_as
    shown = "\n".join(
        f"  {part.path}:{part.line_start}-{part.line_end}"
        + (f" (the image still says {drawn_as[part.path]})" if part.path in drawn_as else "")
        for part in parts
    )
    if arguments.page >= count - session.map_pages:
        shown = "  the dependency map: who uses whom; no lines of any file"
    text = (
        f"Page {arguments.page} of {count} (the image), revision {session.revision}, shows:\n"
        f"{shown}\n"
        "Numbers on the page count from the first line of each part. For exact text to quote or "
        f"edit, call {named('glyph_read_region')} with path, start and end."
    )
    artifact = {
        "revision": session.revision,
        "page": arguments.page,
        "parts": [asdict(part) for part in parts],
    }
    return ToolResult(text, artifact, (png,))


def read_region(session: Session, arguments: RegionArguments) -> ToolResult:
    """Exact text of a range of lines, as far as the limits go.

    Raises:
        SourceError: If there is no such file or line; the message names files like it.
    """
    document = _document(session, arguments.path)
    count = document.line_count
    if arguments.end < arguments.start:
        raise SourceError(
            f"lines {arguments.start}-{arguments.end} are no range: end comes before start"
        )
    if arguments.start > count:
        raise SourceError(f"{document.path} has {count} lines; there is no line {arguments.start}")
    last = min(arguments.end, count, arguments.start + REGION_LINES - 1)
    text = session.read_region(document.path, arguments.start, last)
    if over := len(text) > REGION_CHARACTERS:
        text = text[:REGION_CHARACTERS]
        last = arguments.start + text.count("\n")
    note = ""
    if over:
        note = (
            f"\n[cut at {REGION_CHARACTERS} characters, within line {last}; "
            f'more: {named("glyph_read_region")}("{document.path}", {last}, {arguments.end})'
            f" with a smaller range, or {named('glyph_search')}]"
        )
    elif last < min(arguments.end, count):
        note = (
            f"\n[cut after {REGION_LINES} lines; more: {named('glyph_read_region')}("
            f'"{document.path}", {last + 1}, {min(arguments.end, count)})]'
        )
    head = (
        f"{document.path}, lines {arguments.start} to {last} of {count}, "
        f"revision {session.revision}, exact text:\n"
    )
    artifact = {
        "revision": session.revision,
        "path": document.path,
        "line_start": arguments.start,
        "line_end": last,
        "line_count": count,
        "text": text,
        "truncated": bool(note),
    }
    return ToolResult(head + text + note, artifact)


def search(session: Session, arguments: SearchArguments) -> ToolResult:
    """Lines that hold a text, with path, line and page."""
    found = session.search(arguments.query, limit=SEARCH_HITS + 1)
    hits = [
        {
            **asdict(hit.location),
            "page": hit.page,
            "text": _short(hit.text.strip(), HIT_CHARACTERS),
        }
        for hit in found[:SEARCH_HITS]
    ]
    lines = [
        f"{hit['path']}:{hit['line_start']} (page {hit['page']}): {hit['text']}" for hit in hits
    ]
    more = len(found) > SEARCH_HITS
    if more:
        lines.append(f"[the first {SEARCH_HITS}; there are more: make the query longer]")
    if not lines:
        lines.append(
            f"not found: {arguments.query!r} is in none of the {len(session.documents)} files"
        )
    artifact = {"revision": session.revision, "hits": hits, "truncated": more}
    return ToolResult("\n".join([*lines, f"revision {session.revision}"]), artifact)


def ask(session: Session, arguments: QuestionArguments) -> ToolResult:
    """Answer of the session's backend, each citation with its state."""
    answer = session.ask(arguments.question)
    # What the answer tells a person to type is no use to an agent.
    said = _COMMANDS.sub(f"Read the passages with {named('glyph_read_region')}.", answer.text)
    if said != answer.text:
        answer = replace(answer, text=said)
    text = _short(answer.text, ANSWER_CHARACTERS)
    lines = [text]
    if not answer.found and "not found" not in answer.text.lower():
        lines.insert(0, "not found")
    if answer.citations:
        lines.append("Citations:")
        lines += [f"  {_cited(citation)}" for citation in answer.citations[:CITATIONS]]
        if (left := len(answer.citations) - CITATIONS) > 0:
            lines.append(f"  [and {left} more]")
    told = [warning for warning in answer.warnings if f"[{warning}]" not in text]
    lines += [f"Warning: {warning}" for warning in told]
    if answer.claims:
        tool = named("glyph_read_region")
        lines.append(f"For exact text of a place call {tool} with path, start and end.")
    lines.append(f"revision {answer.revision}")
    return ToolResult("\n".join(lines), answer_facts(answer))


def estimate(session: Session, arguments: EstimateArguments) -> ToolResult:
    """Tokens of the source as text and as pages, for a model."""
    figures = session.estimate(arguments.model.strip() or None)
    as_text = f"{figures.documents} files: {figures.text_tokens:,} text tokens"
    if figures.visual_tokens:
        told = (
            f", or {figures.pages} pages of {figures.visual_tokens:,} visual tokens together for "
            f"{figures.model}: {figures.compression_ratio:.2f} times fewer. "
            f"Advice: {figures.advice}."
        )
    elif figures.pages:
        told = f". For {figures.model}: how this model counts images is not known: send text."
    else:
        told = ". There are no pages."
    lines = [f"{as_text} ({figures.tokenizer}){told}"]
    lines += [f"Warning: {warning}" for warning in figures.warnings]
    lines.append(f"revision {session.revision}")
    return ToolResult("\n".join(lines), {**asdict(figures), "revision": session.revision})


def _cited(citation: Citation) -> str:
    return f"{place(citation)}, {'verified' if citation.verified else 'NOT VERIFIED'}"


def _document(session: Session, path: str) -> Document:
    wanted = path.removeprefix("./")
    every = (*session.documents, *session.undrawn)
    for document in every:
        if document.path == wanted:
            return document
    near = difflib.get_close_matches(wanted, [d.path for d in every], 3, 0.5)
    name = wanted.rpartition("/")[2]
    near += [d.path for d in every if d.path.rpartition("/")[2] == name][:3]
    reason = next((s.reason for s in session.skipped if s.path == wanted), "")
    if reason:
        raise SourceError(f"{wanted} was left out: {reason}")
    hint = f"{named('glyph_overview')} lists all"
    if near:
        hint = f"did you mean {', '.join(dict.fromkeys(near))}?"
    raise SourceError(f"no file {path!r} in this source; {hint}")


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 4] + " ..."
