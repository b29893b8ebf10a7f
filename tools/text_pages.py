"""A text as page images for a chat message: rendered alone, encoded, remembered by content.

The same text gives the same bytes in every later call, which provider prompt caches need, so
nothing but the text, its name and the style decides. The memory is bounded: what is forgotten is
drawn again, alike.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from glyphagent import marks
from glyphagent.document import Document
from glyphagent.plugins import Renderer, load
from glyphagent.raster import png_bytes
from glyphagent.sidecar import every_hard_token, hard_tokens
from glyphagent.style import Style
from glyphagent.tokens import count_text_tokens

from .message_tokens import encodable

MEMORY_BYTES = 64 * 1024 * 1024
_KEY_DIGITS = 10
_ENTRY_BYTES = 4096  # about what an entry takes besides its pages
_PATH_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page, ready for a message.

    Attributes:
        base64: The PNG file.
        width_px: Width in pixels.
        height_px: Height in pixels.
        line_start: First line that it shows, from 1.
        line_end: Last line that it shows.
    """

    base64: str = field(repr=False)
    width_px: int
    height_px: int
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class DrawnText:
    """A text as pages, and what else was found out about it on the way.

    Attributes:
        pictures: The pages, in order; none if too much of the text would be drawn as codes.
        exact: Its exact strings, which must not be read from pixels, as far as they fit.
        exact_left: How many more there are, which did not fit.
        escapes: How many of its characters the atlas lacks.
    """

    pictures: tuple[PagePicture, ...]
    exact: tuple[str, ...] = ()
    escapes: int = 0
    exact_left: int = 0

    @property
    def size_bytes(self) -> int:
        """Bytes of the pages as they are sent."""
        return sum(len(picture.base64) for picture in self.pictures)

    def exact_line(self, recover_tool: str | None) -> str:
        """The exact strings as one line that says how many are missing; empty if there are none.

        Args:
            recover_tool: Tool that gives exact text, if there is one.
        """
        if not self.exact_left:
            return f"Exact strings in it: {' | '.join(self.exact)}" if self.exact else ""
        others = f"by {recover_tool}" if recover_tool else "are only on the pages"
        fit = f"{len(self.exact)} of {len(self.exact) + self.exact_left} fit"
        return f"Exact strings ({fit}; the others {others}): {' | '.join(self.exact)}"


class TextPages:
    """Draws texts as pages, and remembers them.

    May be used from several threads: two that ask for the same text at once both draw it, with
    the same outcome.
    """

    def __init__(self, renderer: str = "code", memory_bytes: int = MEMORY_BYTES) -> None:
        """Draw with this renderer, and remember up to so many bytes of pages.

        Raises:
            PluginError: If there is no such renderer.
        """
        self._make: type[Renderer] = load("renderers", renderer)
        self._limit = memory_bytes
        self._held = 0
        self._known: OrderedDict[str, DrawnText] = OrderedDict()
        self._turn = threading.Lock()

    def draw(
        self,
        path: str,
        text: str,
        style: Style,
        *,
        sidecar_share: float = 0.05,
        max_escapes: float = 1.0,
    ) -> DrawnText:
        """A text under a name as pages.

        Args:
            path: Name that stands on the pages.
            text: The text.
            style: How to draw.
            sidecar_share: Share of the text's tokens that its exact strings may take.
            max_escapes: Share of the characters that may be drawn as codes; above it no page is.

        Raises:
            GlyphError: If the text cannot be drawn.
        """
        name = shown_path(path)
        key = f"{text_key(text, 32)} {sidecar_share} {max_escapes} {name} {style}"
        with self._turn:
            if (known := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return known
        escapes = _escapes(text, style)
        if escapes > max_escapes * len(text):
            drawn = DrawnText((), (), escapes)
        else:
            document = Document(name, text)
            pictures = tuple(self._pictures(document, style))
            exact, exact_left = _exact(document, pictures, sidecar_share)
            drawn = DrawnText(pictures, exact, escapes, exact_left)
        self._remember(key, drawn)
        return drawn

    def _remember(self, key: str, drawn: DrawnText) -> None:
        size = _ENTRY_BYTES + drawn.size_bytes
        with self._turn:
            if key not in self._known and size <= self._limit:
                self._known[key] = drawn
                self._held += size
            while self._held > self._limit:
                _, old = self._known.popitem(last=False)
                self._held -= _ENTRY_BYTES + old.size_bytes

    def _pictures(self, document: Document, style: Style) -> Iterator[PagePicture]:
        for page in self._make().render([document], style):
            places = page.source_map.locations()
            yield PagePicture(
                base64.b64encode(png_bytes(page)).decode("ascii"),
                page.width_px,
                page.height_px,
                places[0].line_start if places else 1,
                places[-1].line_end if places else document.line_count,
            )


def _exact(
    document: Document, pictures: Sequence[PagePicture], share: float
) -> tuple[tuple[str, ...], int]:
    """Exact strings of a text, and how many did not fit.

    The most harmful of all come first, then those of each page, then the rest.
    """
    text = encodable(document.text)
    left = int(count_text_tokens([text]) * share)
    kept: dict[str, None] = {}
    shown = (encodable(document.lines(p.line_start, p.line_end)) for p in pictures)
    every = every_hard_token(text)
    # What is taken from one text has a limit in number, so that each page has some.
    for tokens in (*(hard_tokens(part, share) for part in (text, *shown)), every):
        for token in tokens:
            if left <= 0:
                break
            cost = count_text_tokens([f"{token} | "])
            if token not in kept and cost <= left:
                kept[token] = None
                left -= cost
    return tuple(kept), len(set(every) - kept.keys())


def text_key(text: str, digits: int = _KEY_DIGITS) -> str:
    """Name of a text by its content, in hex digits."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()[:digits]


def shown_path(path: str) -> str:
    """A name that can stand on a page: printable, on one line, short."""
    line = "".join(c if c.isprintable() else " " for c in path).strip()
    return line[-_PATH_CHARACTERS:] or "text"


def _escapes(text: str, style: Style) -> int:
    """How many characters of a text the atlas lacks."""
    known = style.glyphs.code_of.keys() - set(marks.ALL) | set("\n\t\r")
    return sum(count for character, count in Counter(text).items() if character not in known)
