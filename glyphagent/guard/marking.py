"""Corrections and doubts written into an answer, where its reader sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

CLOSING = "not checked, as the source has nothing to hold it against: "
"""How the line begins that lists what was not checked."""

_CLOSING_LINE = re.compile(rf"\s*\[{re.escape(CLOSING)}[^\n]*\]\s*\Z")


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of an answer.

    Attributes:
        start: Where the part that it is about starts.
        stop: Where it ends.
        replacement: What stands there instead; None to leave it.
        note: What is said of it, without brackets.
    """

    start: int
    stop: int
    replacement: str | None
    note: str


def corrected(old: str) -> str:
    """Note for a part that was replaced."""
    shown = " ".join(old.split())
    return f"corrected from `{shown}`" if len(shown) <= 200 else "corrected, see the claims"


def unverified(reason: str) -> str:
    """Note for a part that the source does not confirm."""
    return f"unverified: {reason}"


def is_data(text: str) -> bool:
    """Whether a text is JSON as a whole, for a program to read."""
    if text.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def without_closing(text: str) -> str:
    """A text without the line that lists what was not checked."""
    return _CLOSING_LINE.sub("", text)


def write(text: str, marks: Iterable[Mark]) -> str:
    """The answer with its marks: each note in brackets behind its part, outside code marks."""
    notes: dict[int, list[str]] = {}
    edits: list[tuple[int, int, str]] = []
    for mark in marks:
        place, within = _behind(text, mark.stop)
        note = f"\n[{mark.note}]" if within else f" [{mark.note}]"
        if note not in notes.setdefault(place, []):
            notes[place].append(note)
        if mark.replacement is not None:
            edits.append((mark.start, mark.stop, mark.replacement))
    edits += [(place, place, "".join(found)) for place, found in notes.items()]
    written: list[str] = []
    done = 0
    for start, stop, new in sorted(edits):
        if start < done:  # within a part that is replaced as a whole
            continue
        written += [text[done:start], new]
        done = stop
    return "".join([*written, text[done:]])


def _behind(text: str, stop: int) -> tuple[int, bool]:
    """Where a note about a part that ends at `stop` may stand; whether that is behind a block."""
    if text[:stop].count("```") % 2:
        end = text.find("```", stop)
        return (len(text) if end < 0 else end + 3), True
    row = text.find("\n", stop)
    row = len(text) if row < 0 else row
    while stop < row and text[stop] in '`"\u201d':
        stop += 1
    return stop, False
