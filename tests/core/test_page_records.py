"""Pages in the store: found again as they were, and anything odd is as if it were not there."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphagent.blobs import BlobStore
from glyphagent.document import Document
from glyphagent.drawing import Drawing
from glyphagent.page import Page
from glyphagent.page_records import page_store
from glyphagent.planning import first_plan
from glyphagent.renderers.highlight import Colouring, Highlighter, colour_text
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import Style, preset

SMALL = preset("grid").with_changes(width_px=168, height_px=112)
NOW = {
    path: Document(path, "".join(f"def {name}_{n}(): return '{n}'\n" for n in range(lines)))
    for path, name, lines in (("a.py", "a", 70), ("b.py", "b", 1), ("c.txt", "c", 90))
} | {"empty.py": Document("empty.py", ""), "p/d.py": Document("p/d.py", "é = '日本'\n")}
PLAN = first_plan(NOW.values())


def renderer() -> CodeRenderer:
    return CodeRenderer(Highlighter(workers=0))


def facts(pages: tuple[Page, ...]) -> list[object]:
    return [
        (
            (page.digest, page.codes.tobytes(), page.inks.tobytes(), page.atlas, page.palette),
            (page.codes.dtype, page.inks.dtype, page.layout, page.codes.flags.writeable),
            [id(document) for document in page.source_map.documents],
            (page.source_map.spans.tolist(), page.source_map.spans.dtype),
        )
        for page in pages
    ]


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "pages")


def files(store: BlobStore) -> list[Path]:
    return [file for file in store.folder.rglob("*") if file.is_file() and file.name != "ledger"]


@pytest.mark.parametrize("layout", ["flow", "lines"])
def test_a_second_drawing_highlights_and_draws_nothing(store: BlobStore, layout: str) -> None:
    style = SMALL.with_changes(layout=layout)
    first = Drawing(renderer(), store)
    wanted = facts(first.draw(PLAN, NOW, style))
    second = Drawing(renderer(), store)
    assert facts(second.draw(PLAN, NOW, style)) == wanted
    assert (second.pages_stored, second.pages_drawn) == (len(wanted), 0)
    assert second.documents_drawn == 0
    assert second.lexers == first.lexers
    assert len(files(store)) >= 2


@pytest.mark.parametrize("change", [{"theme": "dark"}, {"height_px": 140}, {"highlight": False}])
def test_another_style_finds_nothing(store: BlobStore, change: dict[str, Any]) -> None:
    Drawing(renderer(), store).draw(PLAN, NOW, SMALL)
    other = Drawing(renderer(), store)
    other.draw(PLAN, NOW, SMALL.with_changes(**change))
    assert other.pages_stored == 0


class Newer(CodeRenderer):
    @property
    def identity(self) -> str:
        return "code of tomorrow"


def test_another_version_of_the_renderer_finds_nothing(store: BlobStore) -> None:
    Drawing(renderer(), store).draw(PLAN, NOW, SMALL)
    other = Drawing(Newer(Highlighter(workers=0)), store)
    other.draw(PLAN, NOW, SMALL)
    assert other.pages_stored == 0


def test_an_edit_is_drawn_and_the_rest_comes_from_the_store(store: BlobStore) -> None:
    Drawing(renderer(), store).draw(PLAN, NOW, SMALL)
    now = NOW | {"c.txt": Document("c.txt", NOW["c.txt"].text + "more\n")}
    other = Drawing(renderer(), store)
    pages = facts(other.draw(PLAN, now, SMALL))
    assert pages == facts(Drawing(renderer()).draw(PLAN, now, SMALL))
    assert other.documents_drawn < len(NOW)
    assert other.pages_stored > 0


def test_a_way_back_finds_the_pages_of_the_state_before(store: BlobStore) -> None:
    drawing = Drawing(renderer(), store)
    wanted = facts(drawing.draw(PLAN, NOW, SMALL))
    drawing.draw(PLAN, NOW | {"a.py": Document("a.py", "x = 1\n")}, SMALL)
    other = Drawing(renderer(), store)
    assert facts(other.draw(PLAN, NOW, SMALL)) == wanted


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


@pytest.mark.parametrize("damage", [_cut, _flip, lambda data: b"", lambda data: b"x" * 99])
def test_damaged_files_are_drawn_again_and_mended(
    store: BlobStore, damage: Callable[[bytes], bytes]
) -> None:
    wanted = facts(Drawing(renderer(), store).draw(PLAN, NOW, SMALL))
    for file in files(store):
        file.write_bytes(damage(file.read_bytes()))
    other = Drawing(renderer(), store)
    assert facts(other.draw(PLAN, NOW, SMALL)) == wanted
    assert other.pages_stored == 0
    third = Drawing(renderer(), store)
    assert facts(third.draw(PLAN, NOW, SMALL)) == wanted
    assert third.pages_drawn == 0


def _inflated(data: bytes) -> tuple[int, bytes]:
    return int.from_bytes(data[:4], "little"), zlib.decompress(data[8:])


def _deflated(head: bytes, body: bytes) -> bytes:
    sizes = len(head).to_bytes(4, "little") + len(body).to_bytes(4, "little")
    return sizes + zlib.compress(head + body)


def test_records_that_say_what_cannot_be_are_not_there(store: BlobStore) -> None:
    """Every run of bytes overwritten in turn: wrong shapes, ranges, offsets, documents."""
    now = {"a.py": Document("a.py", "x = 'a'\n\ty\n" * 12)}
    plan = first_plan(now.values())
    wanted = Drawing(renderer(), store).draw(plan, now, SMALL)
    (file,) = files(store)
    key = file.name
    good = store.get(key)
    assert good is not None
    size, content = _inflated(good)
    limit = len(wanted[0].glyphs.characters)
    accepted = 0
    spots = [(at, fill) for at in range(0, len(content), 29) for fill in (b"\xff", b"\0", b"\1")]
    for at, fill in spots:
        spoilt = content[:at] + fill * 5 + content[at + 5 :]
        assert store.put(key, _deflated(spoilt[:size], spoilt[size:]))
        drawing = Drawing(renderer(), store)
        pages = drawing.draw(plan, now, SMALL)
        accepted += drawing.pages_stored > 0
        assert pages
        for page in pages:
            assert page.codes.max() < limit
            assert page.inks.max() < 16
            spans = page.source_map.spans
            assert (spans >= 0).all()
            assert spans[:, 4].max() <= len(now["a.py"].text)
            assert spans[:, 1].max() <= page.codes.size
            assert page.source_map.documents == (now["a.py"],)
    assert 0 < accepted < len(spots)  # so that what is looked at above came from spoilt records
    for odd in (b"", b"\0" * 8, good[:8], b"\xff" * 40, good + b"x", good[:-1]):
        assert store.put(key, odd)
        assert facts(Drawing(renderer(), store).draw(plan, now, SMALL)) == facts(
            Drawing(renderer()).draw(plan, now, SMALL)
        )


class Hasty(CodeRenderer):
    """Colours as if a worker had missed its deadline on one document."""

    def colour(self, documents: Any, style: Style) -> Any:
        for document in documents:
            made = colour_text((document.path, document.text))
            late = document.path == "c.txt"
            plain = Colouring(
                np.ones(len(document.text), np.uint8), "plain: TimeoutError: late", 1.0
            )
            yield replace(plain, sound=False) if late else made


def test_what_was_drawn_after_a_deadline_is_not_kept(store: BlobStore) -> None:
    hasty = Drawing(Hasty(Highlighter(workers=0)), store)
    hasty.draw(PLAN, NOW, SMALL)
    assert hasty.lexers["c.txt"].startswith("plain: TimeoutError")
    other = Drawing(renderer(), store)
    pages = facts(other.draw(PLAN, NOW, SMALL))
    assert pages == facts(Drawing(renderer()).draw(PLAN, NOW, SMALL))
    assert other.lexers["c.txt"] == "pygments:Text only"
    assert 0 < other.documents_drawn < len(NOW)


def test_the_store_of_pages_lies_in_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path))
    store = page_store()
    assert (store.folder, store.max_bytes) == (tmp_path / "pages", 2**30)


def test_what_is_known_of_the_store_is_bounded_however_long_a_session_lives(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphagent.page_records._MOST_KNOWN", 4)
    drawing = Drawing(renderer(), store)
    for number in range(9):
        now = {**NOW, "b.py": Document("b.py", f"b = {number}\n")}
        pages = drawing.draw(PLAN, now, SMALL)
        assert drawing._records is not None
        assert len(drawing._records._present) <= 4
    assert facts(Drawing(renderer(), store).draw(PLAN, now, SMALL)) == facts(pages)
