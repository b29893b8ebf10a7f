"""How much of a request page images may take, and how much of a text fits in there.

A text is shown whole or not at all, with one exception: of a text that no request could hold as
images, the beginning is shown and the rest stays text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glyphagent.document import Document
from glyphagent.style import Style

from .call_report import Reason
from .text_pages import DrawnText

# A beginning takes so many steps of the largest request, so that a little more or less room from
# one call to the next does not draw it anew and write the provider's prompt cache again.
_STEPS = 4
_TRIES = 4


@dataclass
class Room:
    """Images and bytes that a request may still take."""

    images: int
    size_bytes: int

    def refuses(self, drawn: DrawnText) -> Reason | None:
        """Why these pages do not fit, if they do not."""
        if len(drawn.pictures) > self.images:
            return "image_limit"
        return "byte_limit" if drawn.size_bytes > self.size_bytes else None

    def take(self, drawn: DrawnText) -> None:
        """Give room to these pages."""
        self.images -= len(drawn.pictures)
        self.size_bytes -= drawn.size_bytes


@dataclass(frozen=True)
class Fitted:
    """What of a text is shown as pages, and what stays text.

    Attributes:
        drawn: The pages.
        shown: The text that they show.
        rest: What follows it; empty if they show all.
        last: Last line that they show.
    """

    drawn: DrawnText
    shown: str
    rest: str = ""
    last: int = 0


def fitted(
    text: str, style: Style, room: Room, largest: Room, draw: Callable[[str], DrawnText]
) -> Fitted | Reason:
    """As much of a text as may be shown in this room, or why none may.

    Pages that cannot be drawn at all come back empty, as `draw` gives them.

    Args:
        text: The text.
        style: How its pages are drawn.
        room: What is left in the request.
        largest: What a request without other images takes.
        draw: Draws a text.
    """
    longest = _most_lines(text, style, largest.images)
    if longest is None:
        # Whole: what does not fit now may fit when the conversation is another.
        if _most_lines(text, style, room.images) is not None:
            return "image_limit"
        drawn = draw(text)
        if not drawn.pictures or largest.refuses(drawn) is None:
            return room.refuses(drawn) or Fitted(drawn, text)
        lines = Document("", text).line_count
    else:
        lines = longest
    return _beginning(text, lines, room, largest, draw)


def _beginning(
    text: str, lines: int, room: Room, largest: Room, draw: Callable[[str], DrawnText]
) -> Fitted | Reason:
    step = max(1, largest.images // _STEPS)
    allowed = Room(room.images // step * step, room.size_bytes)
    refusal: Reason = "image_limit"
    for _ in range(_TRIES):
        if lines < 1 or not allowed.images:
            return refusal
        shown, rest = _cut(text, lines)
        drawn = draw(shown)
        reason = allowed.refuses(drawn)
        if not drawn.pictures or reason is None:
            return Fitted(drawn, shown, rest, lines)
        refusal = reason
        count, size = 0, 0
        for picture in drawn.pictures[: allowed.images]:
            size += len(picture.base64)
            if size > allowed.size_bytes:
                break
            count += 1
        # The page that does not fit may begin within a line, which then goes with the rest.
        lines = drawn.pictures[count].line_start - 1
    return refusal


def _most_lines(text: str, style: Style, pages: int) -> int | None:
    """Lines that so many pages could show at the very most; None if they could show all."""
    cells = style.columns * style.rows * pages
    if len(text) <= cells:
        return None
    # Every character takes a cell or more, but for the indents that marks carry.
    for number, line in enumerate(text.split("\n")):
        cells -= len(line.lstrip())
        if cells < 0:
            return number
    return None


def _cut(text: str, lines: int) -> tuple[str, str]:
    """The first lines of a text, with their last line feed, and the rest."""
    parts = text.split("\n", lines)
    if len(parts) <= lines:
        return text, ""
    return text[: len(text) - len(parts[-1])], parts[-1]
