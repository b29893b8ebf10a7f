"""What a session gives back besides answers, and where on its pages things stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from glyphagent.answer import Citation
from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import BackendError, PageError, SourceError
from glyphagent.page import Box, Page
from glyphagent.profiles import UNKNOWN, Prices
from glyphagent.tokens import BREAK_EVEN_MARGIN, Advice

_SHOWN_SKIPS = 50

SkipReason = Literal[
    "unknown model",
    "text only",
    "no pages",
    "page refused",
    "page resampled",
    "page larger than byte limit",
    "too many images",
    "too many bytes",
    "ratio below margin",
]
"""Why images are not worth sending, for programs to read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a search found.

    Attributes:
        location: The line.
        text: The line's text, without its end.
        page: Page that shows it, counted from 0.
    """

    location: Location
    text: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a source costs a model, as text and as pages.

    Money is there if prices are known, in what they were given in, and is what input costs: sent
    plainly and, where the price of cached tokens is known, put into the provider's cache (some
    charge more than the plain price for that) and each time after that.

    Attributes:
        model: Model that visual tokens are counted for.
        text_tokens: Tokens of all documents as text.
        tokenizer: Tokenizer of that count.
        visual_tokens: Visual tokens of all pages; 0 if the model is not known to take images.
        compression_ratio: Text tokens per visual token.
        pages: Number of pages.
        documents: Number of documents.
        advice: What to send: images if they win and nothing speaks against them, else text.
        profile: Name of the model's profile.
        images_win: Whether images cost less, by the margin; in money if prices are known.
        margin: Images are counted so much dearer.
        break_even: How many times dearer images could be before text wins; above 1 they win.
        reasons: Why images should not be sent.
        warnings: What a reader of these figures should know, in sentences.
        requests: Requests that the pages need, by the model's limits.
        resampled_pages: Pages that the model would not see as they were drawn.
        image_bytes: Bytes of all pages as base64, if a limit came near enough to count them.
        prices: What a million tokens cost, if the user said so.
        text_cost: Price of the text.
        image_cost: Price of the pages.
        text_cost_cached: Price of the text once it is in the provider's cache.
        image_cost_cached: Price of the pages, likewise.
        text_cost_written: Price of the text when it is put there, the first time.
        image_cost_written: Price of the pages, likewise.
    """

    model: str
    text_tokens: int
    tokenizer: str
    visual_tokens: int
    compression_ratio: float
    pages: int
    documents: int
    advice: Advice
    profile: str = UNKNOWN.name
    images_win: bool = False
    margin: float = BREAK_EVEN_MARGIN
    break_even: float = 0.0
    reasons: tuple[SkipReason, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: int = 0
    resampled_pages: int = 0
    image_bytes: int | None = None
    prices: Prices | None = None
    text_cost: float | None = None
    image_cost: float | None = None
    text_cost_cached: float | None = None
    image_cost_cached: float | None = None
    text_cost_written: float | None = None
    image_cost_written: float | None = None


class Places:
    """Where on a sequence of pages the lines of documents stand."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """Index the parts of these pages."""
        self._pages = pages
        self._parts: dict[str, list[tuple[int, int, int]]] = {}
        for number, page in enumerate(pages):
            for part in page.source_map.locations():
                place = (part.line_start, part.line_end, number)
                self._parts.setdefault(part.path, []).append(place)

    @property
    def line_counts(self) -> dict[str, int]:
        """Last line of each document that the pages show, by path."""
        return {path: max(last for _, last, _ in parts) for path, parts in self._parts.items()}

    def page_of(self, place: Location) -> int | None:
        """First page, from 0, that shows the place's first line."""
        for first, last, number in self._parts.get(place.path, []):
            if first <= place.line_start <= last:
                return number
        return None

    def box_of(self, place: Location) -> tuple[int, Box] | None:
        """First page with the place's first line, and the pixel box of the place there."""
        number = self.page_of(place)
        if number is None:
            return None
        boxes = self._pages[number].boxes_of(place)
        if not boxes:
            return None
        left, top, right, bottom = zip(*boxes, strict=True)
        return number, (min(left), min(top), max(right), max(bottom))

    def placed(self, citation: Citation) -> Citation:
        """The citation with its page and box."""
        found = self.box_of(citation.location)
        number, box = found or (self.page_of(citation.location), None)
        return replace(citation, page=number, box=box)

    def pages_of(self, path: str) -> list[int]:
        """Pages that show a document, in order."""
        return sorted({number for *_, number in self._parts.get(path, [])})


def page_at(pages: Sequence[Page], number: int) -> Page:
    """Page of that number, counted from 0.

    Raises:
        PageError: If there is none.
    """
    if not is_number(number) or not 0 <= number < len(pages):
        raise PageError(f"no page {number!r}: there are {len(pages)}, counted from 0")
    return pages[number]


def is_number(value: object) -> bool:
    """Whether a value counts something: `True` is none, though Python takes it for 1."""
    return isinstance(value, int) and not isinstance(value, bool)


def exact(documents: Mapping[str, Document], path: str, first: int, last: int) -> str:
    """Text of lines `first` to `last` of a document, both included.

    Raises:
        SourceError: If the document or the lines do not exist.
    """
    document = documents.get(path) if isinstance(path, str) else None
    if document is None:
        raise SourceError(f"no document {path!r} in this source; see the overview for paths")
    whole = is_number(first) and is_number(last)
    if not whole or not 1 <= first <= last or first > document.line_count:
        raise SourceError(
            f"no lines {first!r} to {last!r} in {path}: it has 1 to {document.line_count}"
        )
    return document.lines(first, last)


def check_question(question: str, max_tokens: int) -> None:
    """Refuse what cannot be asked.

    Raises:
        BackendError: If the question is no text or empty, or no token may be answered.
    """
    if not isinstance(question, str):
        raise BackendError(f"{question!r} is no question: ask in words")
    if not question.strip():
        raise BackendError("an empty question has no answer: ask something")
    if not is_number(max_tokens) or max_tokens < 1:
        raise BackendError(f"an answer has at least 1 token, not {max_tokens!r}")


def check_model(model: str | None) -> None:
    """Refuse what names no model.

    Raises:
        BackendError: If the name is no text.
    """
    if model is not None and not isinstance(model, str):
        raise BackendError(f"{model!r} is no model: name one, such as zai-org/Glyph")


def folder_of(path: str | Path) -> Path:
    """Folder of this name.

    Raises:
        PageError: If no folder can have it.
    """
    if not isinstance(path, str | Path) or not str(path) or "\0" in str(path):
        raise PageError(f"{path!r} is no folder: name one to write the pages to")
    return Path(path)


def search(
    query: str, documents: Sequence[Document], places: Places, limit: int
) -> tuple[Hit, ...]:
    """Lines that hold `query`, letter case apart, in document order, at most `limit`.

    Raises:
        SourceError: If the query is no text or empty, or the limit no number.
    """
    if not isinstance(query, str):
        raise SourceError(f"{query!r} is no query: search for text")
    if not is_number(limit):
        raise SourceError(f"{limit!r} is no limit: say how many lines at most")
    wanted = query.strip("\n").casefold()
    if not wanted.strip():
        raise SourceError("an empty query matches everything: name what to search for")
    hits: list[Hit] = []
    for document in documents:
        if wanted not in document.text.casefold():
            continue
        for number, line in enumerate(document.text.split("\n"), 1):
            if wanted in line.casefold():
                if len(hits) >= limit:
                    return tuple(hits)
                place = Location(document.path, number, number)
                hits.append(Hit(place, line.rstrip("\r"), places.page_of(place)))
    return tuple(hits)


def overview(
    title: str,
    documents: Sequence[Document],
    skipped: Sequence[Skipped],
    places: Places,
    undrawn: Sequence[Document] = (),
) -> str:
    """Folders and files with their lines and pages, and what was left out, as text.

    Documents that were read but stand on no page, such as those outside of a cone, are `undrawn`.

    Characters of names that would break a line or steer a terminal are shown as escapes: a
    hostile name must not pass for lines of this text.
    """
    lines = [title]
    folder = None
    for document in documents:
        parent, _, name = document.path.rpartition("/")
        if parent != folder:
            folder = parent
            lines.append(f"{visible(parent) or '.'}/")
        numbers = places.pages_of(document.path)
        shown = f"page {numbers[0]}" if len(numbers) == 1 else f"pages {numbers[0]}-{numbers[-1]}"
        lines.append(f"  {visible(name)}  {document.line_count} lines, {shown}")
    if undrawn:
        lines.append(f"on no page, to be read as text: {len(undrawn)}")
        lines += [f"  {visible(each.path)}" for each in undrawn[:_SHOWN_SKIPS]]
        if len(undrawn) > _SHOWN_SKIPS:
            lines.append(f"  and {len(undrawn) - _SHOWN_SKIPS} more")
    if skipped:
        lines.append(f"left out: {len(skipped)}")
        lines += [f"  {visible(skip.path)}: {skip.reason}" for skip in skipped[:_SHOWN_SKIPS]]
        if len(skipped) > _SHOWN_SKIPS:
            lines.append(f"  and {len(skipped) - _SHOWN_SKIPS} more")
    return "\n".join(lines)


def visible(name: str) -> str:
    """A name with what would break a line or steer a terminal as escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
