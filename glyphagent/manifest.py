"""The manifest of a page set: what its pages show, of which source, and how they were made.

`manifest.json` is plain JSON that other programs may read. Reading one back trusts nothing:
every value is checked, and a page file is a name in the folder, never a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import PageError, StyleError
from glyphagent.page import CELL_START, CELL_STOP, DOCUMENT, LINE, TEXT_START, TEXT_STOP
from glyphagent.spans import pack_spans, unpack_spans
from glyphagent.style import Style

FORMAT = "glyphagent page set"
VERSION = 1

_FILE = re.compile(r"page-[0-9]{4,9}-[0-9a-f]{8}\.png", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document as the manifest knows it; `Document` says what the other fields mean.

    Attributes:
        drawn_as: Path that headers on its pages show, where it was renamed since; empty else.
    """

    path: str
    digest: str
    encoding: str
    bom: bytes
    lines: int
    drawn_as: str = ""


@dataclass(frozen=True, eq=False)
class PageEntry:
    """A page as the manifest knows it.

    Attributes:
        file: Name of its PNG file, in the manifest's folder.
        digest: Digest of its cells, as `Page.digest`.
        size_bytes: Length of the PNG file.
        width_px: Width in pixels.
        height_px: Height in pixels.
        visual_tokens: What it costs on the manifest's model.
        parts: Which lines of which documents it shows, in page order.
        spans: As in `SourceMap`, with the document counted in the manifest's list.

    Shapes:
        spans: int32 [n, 6].
    """

    file: str
    digest: str
    size_bytes: int
    width_px: int
    height_px: int
    visual_tokens: int
    parts: tuple[Location, ...]
    spans: npt.NDArray[np.int32] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AtlasEntry:
    """The glyph atlas that the pages were drawn with."""

    name: str
    digest: str
    font: str
    licence: str


@dataclass(frozen=True, eq=False)
class Manifest:
    """A page set.

    Attributes:
        pages: The pages, in reading order.
        documents: What they show.
        skipped: What was left out, and why.
        style: Style of the pages.
        atlas: Atlas of the style.
        renderer_version: Version of the drawing, as `style.RENDERER_VERSION`.
        package_version: Version of glyphagent that wrote the set.
        revision: State of the source.
        source: The source's name, as the user gave it.
        profile: Name of the model profile that the visual tokens are counted for.
        text_tokens: Tokens of all documents as text.
        tokenizer: Tokenizer of that count.
    """

    pages: tuple[PageEntry, ...]
    documents: tuple[DocumentEntry, ...]
    skipped: tuple[Skipped, ...]
    style: Style
    atlas: AtlasEntry
    renderer_version: int
    package_version: str
    revision: str
    source: str
    profile: str
    text_tokens: int
    tokenizer: str

    @property
    def visual_tokens(self) -> int:
        """Visual tokens of all pages."""
        return sum(page.visual_tokens for page in self.pages)

    def to_json(self) -> str:
        """Text of `manifest.json`: ASCII, one line for each page and document."""
        head: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "package_version": self.package_version,
            "renderer_version": self.renderer_version,
            "source": self.source,
            "revision": self.revision,
            "profile": self.profile,
            "text_tokens": self.text_tokens,
            "tokenizer": self.tokenizer,
            "visual_tokens": self.visual_tokens,
            "style": self.style.to_dict(),
            "atlas": {name: getattr(self.atlas, name) for name in AtlasEntry.__slots__},
        }
        documents = [
            {
                "path": document.path,
                "digest": document.digest,
                "encoding": document.encoding,
                "bom": document.bom.hex(),
                "lines": document.lines,
                **({"drawn_as": document.drawn_as} if document.drawn_as else {}),
            }
            for document in self.documents
        ]
        skipped = [{"path": skip.path, "reason": skip.reason} for skip in self.skipped]
        pages = [
            {
                "file": page.file,
                "digest": page.digest,
                "bytes": page.size_bytes,
                "width": page.width_px,
                "height": page.height_px,
                "visual_tokens": page.visual_tokens,
                "parts": [[part.path, part.line_start, part.line_end] for part in page.parts],
                "spans": pack_spans(page.spans),
            }
            for page in self.pages
        ]
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        for key, rows in (("documents", documents), ("skipped", skipped), ("pages", pages)):
            body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
            lines.append(f'"{key}": [\n{body}\n]' if rows else f'"{key}": []')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Manifest:
        """Manifest from the text of `manifest.json`.

        Raises:
            PageError: If the text is not a manifest, or says what cannot be.
        """
        try:
            top = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PageError(f"not JSON: {error}") from error
        if not isinstance(top, dict) or top.get("format") != FORMAT:
            raise PageError("not a manifest of glyphagent")
        if top.get("version") != VERSION:
            raise PageError(f"version {top.get('version')!r} of the format; this is {VERSION}")
        style_fields = _get(top, "style", dict)
        try:
            style = Style.from_dict(style_fields)
        except (StyleError, TypeError) as error:
            raise PageError(f"style: {error}") from error
        atlas = _get(top, "atlas", dict)
        documents = tuple(map(_document, _rows(top, "documents")))
        by_path = {document.path: document for document in documents}
        if len(by_path) < len(documents):
            raise PageError("documents: two have the same path")
        cell_pixels = style.glyphs.cell_width * style.glyphs.cell_height
        pages = tuple(_page(row, by_path, cell_pixels) for row in _rows(top, "pages"))
        if len({page.file for page in pages}) < len(pages):
            raise PageError("pages: two have the same file")
        return cls(
            pages=pages,
            documents=documents,
            skipped=tuple(
                Skipped(_get(row, "path", str), _get(row, "reason", str))
                for row in _rows(top, "skipped")
            ),
            style=style,
            atlas=AtlasEntry(*(_get(atlas, name, str) for name in AtlasEntry.__slots__)),
            renderer_version=_number(top, "renderer_version"),
            package_version=_get(top, "package_version", str),
            revision=_get(top, "revision", str),
            source=_get(top, "source", str),
            profile=_get(top, "profile", str),
            text_tokens=_number(top, "text_tokens"),
            tokenizer=_get(top, "tokenizer", str),
        )


def page_file_name(number: int, digest: str) -> str:
    """File name of a page: its number, from 0, and the head of its digest."""
    return f"page-{number:04d}-{digest[:8]}.png"


def document_entry(document: Document, drawn_as: str = "") -> DocumentEntry:
    """What the manifest keeps of a document, and the path that its pages show if it is another."""
    return DocumentEntry(
        document.path,
        document.digest,
        document.encoding,
        document.bom,
        document.line_count,
        drawn_as,
    )


def _get(row: Any, name: str, kind: type) -> Any:
    value = row.get(name) if isinstance(row, dict) else None
    if type(value) is not kind:
        raise PageError(f"{name}: {value!r:.60} is not of type {kind.__name__}")
    return value


def _number(row: Any, name: str, least: int = 0) -> int:
    value: int = _get(row, name, int)
    if not least <= value <= _LARGEST:
        raise PageError(f"{name}: {value} is not between {least} and {_LARGEST}")
    return value


def _rows(row: Any, name: str) -> list[Any]:
    rows: list[Any] = _get(row, name, list)
    return rows


def _matching(row: Any, name: str, pattern: re.Pattern[str]) -> str:
    value: str = _get(row, name, str)
    if not pattern.fullmatch(value):
        raise PageError(f"{name}: {value!r:.60} is not of the form {pattern.pattern}")
    return value


def _document(row: Any) -> DocumentEntry:
    bom = _matching(row, "bom", re.compile("(?:[0-9a-f]{2}){0,4}"))
    return DocumentEntry(
        _get(row, "path", str),
        _matching(row, "digest", _DIGEST),
        _get(row, "encoding", str),
        bytes.fromhex(bom),
        _number(row, "lines", 1),
        _get(row, "drawn_as", str) if "drawn_as" in row else "",
    )


def _page(row: Any, documents: Mapping[str, DocumentEntry], cell_pixels: int) -> PageEntry:
    width, height = _number(row, "width", 1), _number(row, "height", 1)
    spans = unpack_spans(_rows(row, "spans"))
    if len(spans):
        starts, stops = spans[:, CELL_START], spans[:, CELL_STOP]
        known = np.array([document.lines for document in documents.values()])
        if (starts > stops).any() or (starts[1:] < stops[:-1]).any():
            raise PageError("spans: out of order")
        if int(stops[-1]) * cell_pixels > width * height:
            raise PageError("spans: beyond the page")
        if (spans[:, TEXT_START] > spans[:, TEXT_STOP]).any():
            raise PageError("spans: text that ends before it starts")
        if int(spans[:, DOCUMENT].max()) >= len(documents):
            raise PageError("spans: a document that is not listed")
        if (spans[:, LINE] < 1).any() or (spans[:, LINE] > known[spans[:, DOCUMENT]]).any():
            raise PageError("spans: a line that its document does not have")
    return PageEntry(
        file=_matching(row, "file", _FILE),
        digest=_matching(row, "digest", _DIGEST),
        size_bytes=_number(row, "bytes", 1),
        width_px=width,
        height_px=height,
        visual_tokens=_number(row, "visual_tokens"),
        parts=tuple(_part(part, documents) for part in _rows(row, "parts")),
        spans=spans,
    )


def _part(row: Any, documents: Mapping[str, DocumentEntry]) -> Location:
    if type(row) is not list or [type(value) for value in row] != [str, int, int]:
        raise PageError("parts: not a path and two lines for each part")
    path, first, last = row
    if path not in documents or not 1 <= first <= last <= documents[path].lines:
        raise PageError(f"parts: {row!r:.80} is not in the documents")
    return Location(path, first, last)
