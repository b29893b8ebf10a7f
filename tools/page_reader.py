"""Page images of a conversation, read by an embedded reader and asked about.

Everything comes from pixels: the glyph head reads the cells, headers drawn on the pages say which
document follows. Only the absolute line numbers are not drawn; they travel as text before the
image, as every tool and backend here sends them. Where no such text came, lines are counted from
the first one shown, and the answer says so.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast

from glyphagent.answer import Answer
from glyphagent.asking import answer_by_reading
from glyphagent.atlas import Atlas, bundled_atlas
from glyphagent.dependencies import SymbolIndex, extract_all
from glyphagent.dependency_map import TITLE
from glyphagent.document import Location
from glyphagent.plugins import Image, PageText, Reader
from glyphagent.reading import Reading, read_documents
from glyphagent.transcript import transcribe

from .conversation import Conversation, ShownImage

_REMEMBERED = 256
_OPENING = re.compile(r"\s*Page \d+\b")
# `path:3-9` and `path:3` stand alone on a line or in a list; `path from line 3 to 9` between `;`.
_CAPTION = re.compile(
    r"(?:^|[\n;,:])\s*(?P<path>[^\n;,:][^\n;,:]*?)"
    r"(?::(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?|"
    r" from line (?P<start>\d{1,9}) to (?P<stop>\d{1,9}))(?=\s*(?:[\n;,]|$))"
)


class ConversationReader:
    """Answers questions about the page images of a conversation.

    Args:
        reader: What reads pages.
    """

    def __init__(self, reader: Reader) -> None:
        """Start with nothing read."""
        self._reader = reader
        self._read: OrderedDict[str, PageText] = OrderedDict()
        self._lock = Lock()

    def answer(self, conversation: Conversation) -> Answer:
        """Answer the last question from what stands on the pages.

        Raises:
            BackendError: If an image is not a page that this reader can read.
        """
        images = conversation.images
        captions = frozenset(image.caption for image in images if _places_named(image.caption))
        question = conversation.question(captions)
        reading, warnings = joined(images, self._pages([image.pixels for image in images]))
        if not question:
            paths = ", ".join(reading.texts) or "nothing"
            return Answer(f"The pages show {paths}. Ask something about them.", False)
        index = SymbolIndex.build(reading.texts, extracted=extract_all(reading.texts), root_name="")
        answer = answer_by_reading(reading, index, question)
        count = len(images)
        looked = f"{count} page image{'s' if count > 1 else ''} of this conversation"
        return Answer(
            answer.text if answer.found else f"{answer.text}\n(Looked at the {looked} only.)",
            answer.found,
            answer.citations,
            warnings=tuple(dict.fromkeys((*answer.warnings, *warnings))),
        )

    def _pages(self, images: Sequence[Image]) -> list[PageText]:
        """What stands on each, in which an image is read once however often it is sent."""
        keys = [
            hashlib.blake2b(
                repr(image.shape).encode() + image.tobytes(), digest_size=16
            ).hexdigest()
            for image in images
        ]
        with self._lock:  # a reader sets the number of torch's threads: one reading at a time
            missing = {
                key: image for key, image in zip(keys, images, strict=True) if key not in self._read
            }
            if missing:
                seen = self._reader.read(list(missing.values()))
                self._read.update(zip(missing, seen, strict=True))
            found = [self._read[key] for key in keys]
            for key in keys:
                self._read.move_to_end(key)
            while len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        return found


@dataclass(frozen=True)
class _Beside:
    """Stands for a page's source map: the places that came as text beside the image."""

    places: list[Location]

    def locations(self) -> list[Location]:
        return self.places


@dataclass(frozen=True)
class _Seen:
    """What joining documents needs of a page."""

    glyphs: Atlas
    source_map: _Beside


def joined(
    images: Sequence[ShownImage], seen: Sequence[PageText]
) -> tuple[Reading, tuple[str, ...]]:
    """What was read on images as documents with absolute lines, and warnings about the places.

    Lines that no image shows are empty in the text, so that the others keep their numbers.
    """
    pieces: dict[str, list[tuple[int, str]]] = {}
    whole, unplaced, nexts = Reading(), list[str](), dict[str, int]()
    for number, (image, text) in enumerate(zip(images, seen, strict=True)):
        if _is_map(text):
            continue  # it is about the source, and no part of it
        atlas = bundled_atlas(text.atlas)
        places = _places_named(image.caption)
        for place in places:
            nexts[place.path] = place.line_end + 1
        if not places:
            places = _counted(text, atlas, number, nexts)
            unplaced += [place.path for place in places]
        page = cast(Any, _Seen(atlas, _Beside(places)))
        read = read_documents([page], [text])
        for path, body in read.texts.items():
            first = min(place.line_start for place in places if place.path == path)
            pieces.setdefault(path, []).append((first, body))
        for path, lines in read.doubts.items():
            whole.doubts.setdefault(path, set()).update(lines)
        whole.shifted |= read.shifted
    for path, found in pieces.items():
        whole.texts[path] = _laid_out(found)
    if not unplaced:
        return whole, ()
    shown = ", ".join(dict.fromkeys(unplaced))
    return whole, (
        f"no line numbers came with the pages of {shown}: lines are counted from the first one "
        "shown",
    )


def _is_map(text: PageText) -> bool:
    parts = transcribe(text.codes, bundled_atlas(text.atlas).characters)
    return [part.path for part in parts] == [TITLE]


def _laid_out(pieces: list[tuple[int, str]]) -> str:
    """One text in which every piece begins on its line; of lines shown twice the first stays."""
    lines: list[str] = []
    unfinished = False  # a page may end within a line, which the next page goes on with
    for first, body in sorted(dict.fromkeys(pieces), key=lambda piece: piece[0]):
        shown = body.removesuffix("\n").split("\n")
        if unfinished and first == len(lines):
            lines[-1] += shown[0]
            shown, first = shown[1:], first + 1
        lines += [""] * (first - 1 - len(lines))
        known = len(lines) - (first - 1)
        lines += shown[known:]
        if len(shown) >= known:
            unfinished = not body.endswith("\n")
    return "\n".join(lines) + ("" if unfinished else "\n")


def _counted(text: PageText, atlas: Atlas, number: int, nexts: dict[str, int]) -> list[Location]:
    """Places of an image that came without any: paths as drawn, lines after those shown before."""
    places = []
    for part in transcribe(text.codes, atlas.characters):
        if not part.path and not part.text:
            continue
        path = part.path or f"image-{number + 1}"
        first = nexts.get(path, 1)
        # A part that ends without a line feed is gone on with in the same line.
        nexts[path] = first + part.text.count("\n")
        last = nexts[path] - part.text.endswith("\n")
        places.append(Location(path, first, max(first, last)))
    return places


def _places_named(caption: str) -> list[Location]:
    """Places that a text before an image names; none where it is another text."""
    places: list[Location] = []
    if not _OPENING.match(caption):
        return places
    for match in _CAPTION.finditer(caption):
        first = int(match["first"] or match["start"])
        last = int(match["last"] or match["stop"] or first)
        if 1 <= first <= last:
            places.append(Location(match["path"].strip(), first, last))
    return places
