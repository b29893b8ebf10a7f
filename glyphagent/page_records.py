"""Drawn pages in the store on disk, a part of a run at a time.

A part is a few pages that begin and end where a document starts. It lies under a digest of its
first document, the style, the atlas and the renderer, and names every document that had a say in
it; only if all of these stand there again is it of use. Whatever is odd about a record makes it
one that is not there: the pages are drawn then.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphagent.blobs import BlobStore, cache_folder
from glyphagent.document import Document
from glyphagent.kept_pages import Run
from glyphagent.page import (
    CELL_START,
    CELL_STOP,
    DOCUMENT,
    LINE,
    TEXT_START,
    TEXT_STOP,
    Page,
    SourceMap,
)
from glyphagent.stepwise import Coloured, Step
from glyphagent.style import Ink, Style

_FORMAT = 2
_PART_PAGES = 16  # a part ends at the first document's start after so many pages
_STORE_BYTES = 2**30
_MOST_KNOWN = 2**15  # every text of a document has a key of its own, and a watch has no end
_LARGEST_RECORD = 2**28
_LEVEL = 1


def page_store() -> BlobStore:
    """The store of pages in the user's cache folder, at most 1 GiB."""
    return BlobStore(cache_folder() / "pages", _STORE_BYTES)


@dataclass(frozen=True, eq=False)
class KnownInks:
    """Inks that were kept, and what had chosen them.

    Shapes:
        inks: uint8 [len(text)].
    """

    inks: npt.NDArray[np.uint8]
    lexer: str
    seconds: float = 0.0
    sound: bool = True


@dataclass(frozen=True, eq=False)
class Part:
    """Pages from a document's start to another's.

    Attributes:
        stop: Number of the first document after them, in the run.
        steps: The pages.
        colours: Inks of the documents on them.
    """

    stop: int
    steps: tuple[Step, ...]
    colours: tuple[Coloured, ...]


def part_starts(steps: Sequence[Step]) -> list[int]:
    """Documents at which the parts of a run start."""
    return [part[0].start[0] for part in _parts(steps)]


def _parts(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    begin = 0
    for number, step in enumerate(steps, start=1):
        if not step.stop[1] and (number - begin >= _PART_PAGES or number == len(steps)):
            yield steps[begin:number]
            begin = number


class PageRecords:
    """The pages of one renderer and style in a store."""

    def __init__(self, store: BlobStore, identity: str, style: Style) -> None:
        """Take a store, and what decides on pages besides the documents."""
        self._store = store
        self._style = style
        facts = [_FORMAT, identity, style.glyphs.digest, style.to_dict(), style.palette]
        self._seed = json.dumps(facts, sort_keys=True).encode("ascii")
        self._present: dict[str, str] = {}  # digests of what is known to lie under each key

    def load(self, run: Run, shown: Sequence[Document], first: int) -> Part | None:
        """The part that starts with a document of a run, if the store has it.

        Args:
            run: The run; its documents go into the source maps.
            shown: Its documents under the paths that they are drawn under.
            first: Number of the document.
        """
        key = self._key(shown[first])
        data = self._store.get(key)
        if data is None:
            return None
        try:
            record = _Record.unpack(data)
            part = record.part(run, shown, first, self._style)
        except (ValueError, TypeError, LookupError, OverflowError, zlib.error, RecursionError):
            return None
        if part is not None:
            self._know(key, record.digest)
        return part

    def save(self, run: Run, shown: Sequence[Document]) -> None:
        """Keep the parts of a run that are not known to be in the store.

        What was drawn after a deadline or a failure is not kept: it may come out better next time.
        """
        for steps in _parts(run.steps):
            first, stop = steps[0].start[0], steps[-1].stop[0]
            reach = max(step.reach for step in steps)
            seen = min(reach[0] + (reach[1] > 0), len(shown))
            if not all(colour.sound for colour in run.colours[first:seen]):
                continue
            names = [_name(document) for document in shown[first:seen]]
            ends = reach[0] >= len(shown) and reach[1] > 0
            digest = _digest(json.dumps([names, ends]).encode("ascii"))
            key = self._key(shown[first])
            if self._present.get(key) == digest:
                continue
            colours = run.colours[first:stop]
            numbers = {run.documents[n].path: n - first for n in range(first, stop)}
            if self._store.put(key, _Record.pack(steps, names, ends, colours, numbers)):
                self._know(key, digest)

    def _know(self, key: str, digest: str) -> None:
        """Note what lies under a key; what was noted longest ago is forgotten, and written anew."""
        self._present[key] = digest
        if len(self._present) > _MOST_KNOWN:
            del self._present[next(iter(self._present))]

    def _key(self, document: Document) -> str:
        return _digest(self._seed + _name(document).encode("ascii"))


def _name(document: Document) -> str:
    """Digest of path and text: equal bytes decoded otherwise would be another text."""
    return f"{document.digest} {document.encoding} {len(document.bom)}"


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@dataclass(frozen=True, eq=False)
class _Record:
    """A part as it is stored.

    Attributes:
        facts: Names of the documents that had a say, whether the run ended, lexers, and for each
            page its rows, its spans, and its places.
        body: Codes, inks, spans and the documents' inks, one after the other.
        digest: Digest of the documents that had a say.
    """

    facts: dict[str, Any]
    body: bytearray
    digest: str

    @staticmethod
    def pack(
        steps: Sequence[Step],
        names: Sequence[str],
        ends: bool,
        colours: Sequence[Coloured],
        numbers: dict[str, int],
    ) -> bytes:
        """Bytes of a part; `numbers` gives the number in the part of each document's path."""
        first = steps[0].start[0]
        pages = [step.page for step in steps]
        facts = {
            "names": list(names),
            "ends": ends,
            "lexers": [colour.lexer for colour in colours],
            "columns": pages[0].codes.shape[1],
            "pages": [
                [
                    page.codes.shape[0],
                    len(page.source_map.spans),
                    *(step.stop[0] - first, step.stop[1], step.reach[0] - first, step.reach[1]),
                    int(step.free),
                ]
                for step, page in zip(steps, pages, strict=True)
            ],
        }
        spans = []
        for page in pages:
            table = np.array([numbers[d.path] for d in page.source_map.documents], np.int32)
            rows = page.source_map.spans.copy()
            rows[:, DOCUMENT] = table[rows[:, DOCUMENT]]
            spans.append(rows)
        joined = np.concatenate(spans)
        head = json.dumps(facts, separators=(",", ":")).encode("ascii")
        body = b"".join(
            (
                *(page.codes.astype("<u2").tobytes() for page in pages),
                *(page.inks.tobytes() for page in pages),
                np.ascontiguousarray(np.diff(joined, axis=0, prepend=0).T, "<i4").tobytes(),
                *(colour.inks.tobytes() for colour in colours),
            )
        )
        sizes = len(head).to_bytes(4, "little") + len(body).to_bytes(4, "little")
        return sizes + zlib.compress(head + body, _LEVEL)

    @staticmethod
    def unpack(data: bytes) -> _Record:
        """Record of these bytes.

        Raises:
            ValueError: They are none.
        """
        head, body = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
        if not 0 < head + body <= _LARGEST_RECORD:
            raise ValueError("no record, or a huge one")
        inflater = zlib.decompressobj()
        content = inflater.decompress(data[8:], head + body)
        if len(content) != head + body or not inflater.eof:
            raise ValueError("a record of another length")
        facts = json.loads(content[:head])
        digest = _digest(json.dumps([facts["names"], facts["ends"]]).encode("ascii"))
        return _Record(facts, bytearray(content[head:]), digest)

    def part(self, run: Run, shown: Sequence[Document], first: int, style: Style) -> Part | None:
        """The pages for documents of a run, if these are the ones that had a say in them.

        Raises:
            ValueError: The record says what cannot be.
        """
        names, ends = self.facts["names"], self.facts["ends"]
        if first + len(names) > len(shown) or (ends and first + len(names) != len(shown)):
            return None
        if any(_name(shown[first + n]) != name for n, name in enumerate(names)):
            return None
        lexers = self.facts["lexers"]
        stop, columns = first + len(lexers), style.columns
        _demand(first < stop <= len(shown) and self.facts["columns"] == columns)
        _demand(all(isinstance(lexer, str) for lexer in lexers))
        table = np.array(self.facts["pages"], np.int64)
        _demand(table.ndim == 2 and table.shape[1] == 7 and (table >= 0).all())
        rows, counts = table[:, 0], table[:, 1]
        _demand((rows > 0).all() and (rows <= style.rows).all() and (counts > 0).all())
        _demand(not (rows % style.row_step).any())
        texts = [document.text for document in shown[first:stop]]
        cells, count = int(rows.sum()) * columns, int(counts.sum())
        sizes = [2 * cells, cells, 24 * count, sum(map(len, texts))]
        _demand(sum(sizes) == len(self.body))
        at = np.cumsum([0, *sizes]).tolist()
        codes = np.frombuffer(self.body, "<u2", cells, at[0]).astype(np.uint16, copy=False)
        inks = np.frombuffer(self.body, np.uint8, cells, at[1])
        changes = np.frombuffer(self.body, "<i4", 6 * count, at[2]).reshape(6, count)
        spans = np.cumsum(changes.T, axis=0, dtype=np.int32)
        own = np.frombuffer(self.body, np.uint8, sizes[3], at[3])
        _demand(int(codes.max()) < len(style.glyphs.characters))
        _demand(int(inks.max()) < len(Ink) and (not len(own) or int(own.max()) < len(Ink)))
        _check_spans(spans, counts, rows * columns, texts)
        steps = self._steps(run, first, table, codes, inks, spans, style)
        _demand(steps[-1].stop == (stop, 0))
        ranges = np.cumsum([0, *map(len, texts)]).tolist()
        known = [
            KnownInks(own[begin:end], lexer)
            for (begin, end), lexer in zip(pairwise(ranges), lexers, strict=True)
        ]
        return Part(stop, steps, tuple(known))

    def _steps(
        self,
        run: Run,
        first: int,
        table: npt.NDArray[np.int64],
        codes: npt.NDArray[np.uint16],
        inks: npt.NDArray[np.uint8],
        spans: npt.NDArray[np.int32],
        style: Style,
    ) -> tuple[Step, ...]:
        steps: list[Step] = []
        start, cell, row = (first, 0), 0, 0
        for high, count, *places, free in table.tolist():
            used, numbers = np.unique(spans[row : row + count, DOCUMENT], return_inverse=True)
            own = spans[row : row + count].copy()
            own[:, DOCUMENT] = numbers
            end = cell + high * style.columns
            page = Page(
                codes[cell:end].reshape(high, -1),
                inks[cell:end].reshape(high, -1),
                style.atlas,
                style.palette,
                style.layout,
                SourceMap(tuple(run.documents[first + n] for n in used.tolist()), own),
            )
            stop, reach = (first + places[0], places[1]), (first + places[2], places[3])
            _demand(start < stop <= reach)
            steps.append(Step(page, start, stop, reach, bool(free)))
            start, cell, row = stop, end, row + count
        return tuple(steps)


def _demand(fact: object) -> None:
    """Go on only if it is so.

    Raises:
        ValueError: It is not.
    """
    if not fact:
        raise ValueError("a record says what cannot be")


def _check_spans(
    spans: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
    cells: npt.NDArray[np.int64],
    texts: Sequence[str],
) -> None:
    """Check that the spans of all pages lie on these, in order, and within their documents.

    Raises:
        ValueError: Some do not.
    """
    _demand((spans >= 0).all())
    start, stop, document = (spans[:, column] for column in (CELL_START, CELL_STOP, DOCUMENT))
    _demand((start < stop).all() and (stop <= np.repeat(cells, counts)).all())
    new_page = np.zeros(len(spans), np.bool_)
    new_page[np.cumsum(counts)[:-1]] = True
    _demand((new_page[1:] | (start[1:] >= stop[:-1])).all())
    _demand(int(document.max()) < len(texts))
    lengths = np.array([len(text) for text in texts])[document]
    lines = np.array([text.count("\n") + 1 for text in texts])[document]
    _demand((spans[:, TEXT_START] <= spans[:, TEXT_STOP]).all())
    _demand((spans[:, TEXT_STOP] <= lengths).all())
    _demand((spans[:, LINE] >= 1).all() and (spans[:, LINE] <= lines).all())
