"""Sessions on real folders, with a model that answers by script where one is asked.

What the embedded reader answers is tested in `tests/test_main_job.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from glyphagent.contact_sheet import SHEET
from glyphagent.document import Location
from glyphagent.errors import BackendError, PageError, PluginError, SourceError, StyleError
from glyphagent.page import Page, recover
from glyphagent.plugins import Chunk, Image
from glyphagent.raster import decode_png, rgb_pixels
from glyphagent.session import Session
from glyphagent.sources import Source, SourceOptions
from glyphagent.store import read_manifest
from glyphagent.style import Style, preset

GREET = "def greet(name: str) -> str:\n    return f'hello {name}'\n"
LIMITS = "LIMIT = 3\r\nlimit = LIMIT\r\n"


@dataclass
class Scripted:
    """A backend that says what it is told to, and keeps what it was shown and asked."""

    reply: str = ""
    name: str = "scripted"
    model: str = "zai-org/Glyph"
    fails: str = ""
    shown: list[int] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    closed: int = 0

    def prefill(self, images: Sequence[Page | Image]) -> Scripted:
        self.shown.append(len(images))
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.asked.append((prompt, max_tokens))
        try:
            for word in self.reply.split(" "):
                yield Chunk(word + " ")
            if self.fails:
                raise BackendError(self.fails)
            yield Chunk(prompt_tokens=1, completion_tokens=1)
        finally:
            self.closed += 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, data in (
        ("pkg/greet.py", GREET.encode()),
        ("pkg/limits.py", LIMITS.encode()),
        ("empty.py", b""),
        ("README.md", "# Über\n\nSay hello.".encode()),
        ("picture.bin", bytes(range(256)) * 4),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.fixture
def session(folder: Path) -> Session:
    return Session.open(folder)


def test_a_session_holds_documents_pages_and_what_was_left_out(session: Session) -> None:
    assert [d.path for d in session.documents] == [
        "README.md",
        "empty.py",
        "pkg/greet.py",
        "pkg/limits.py",
    ]
    assert [skip.path for skip in session.skipped] == ["picture.bin"]
    assert len(session.pages) == 2
    assert recover(session.pages) == {d.path: d.text for d in session.documents}
    assert len(session.revision) == 32
    assert (session.backend_name, session.model, session.style) == ("local", "nano", preset("grid"))


def test_opening_loads_no_model(session: Session) -> None:
    assert session._answerer._backend is None
    assert set(session.seconds) == {"read", "highlight", "layout", "paint", "encode", "total"}
    assert min(session.seconds.values()) >= 0
    assert session.seconds["total"] > 0


def test_exact_lines_are_read(session: Session) -> None:
    assert session.read_region("pkg/greet.py", 1, 1) == GREET.partition("\n")[0] + "\n"
    assert session.read_region("pkg/limits.py", 1, 2) == LIMITS
    assert session.read_region("pkg/limits.py", 2, 99) == "limit = LIMIT\r\n"
    assert session.read_region("empty.py", 1, 1) == ""


@pytest.mark.parametrize(
    ("path", "first", "last", "message"),
    [
        ("nope.py", 1, 2, "no document 'nope.py'"),
        ("../project/README.md", 1, 2, "no document"),
        ("pkg/greet.py", 0, 2, "no lines 0 to 2 in pkg/greet.py: it has 1 to 2"),
        ("pkg/greet.py", 3, 4, "it has 1 to 2"),
        ("pkg/greet.py", 2, 1, "no lines 2 to 1"),
    ],
)
def test_what_is_not_there_is_an_error(
    session: Session, path: str, first: int, last: int, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        session.read_region(path, first, last)


def test_a_search_finds_lines_and_their_pages(session: Session) -> None:
    hits = session.search("HELLO")
    assert [(hit.location, hit.page) for hit in hits] == [
        (Location("README.md", 3, 3), 0),
        (Location("pkg/greet.py", 2, 2), 1),
    ]
    assert hits[1].text == "    return f'hello {name}'"
    assert session.search("über")[0].location == Location("README.md", 1, 1)
    assert [hit.text for hit in session.search("limit")] == ["LIMIT = 3", "limit = LIMIT"]
    assert session.search("no such thing") == ()
    assert session.search("(.*)") == ()


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (2, 2), (20, 2), (0, 0), (-1, 0)])
def test_a_search_stops_at_its_limit(session: Session, limit: int, count: int) -> None:
    assert len(session.search("limit", limit=limit)) == count


@pytest.mark.parametrize("query", ["", "  ", "\n"])
def test_an_empty_search_is_an_error(session: Session, query: str) -> None:
    with pytest.raises(SourceError, match="empty query"):
        session.search(query)


def test_pages_are_pictures_and_places(session: Session) -> None:
    for number, page in enumerate(session.pages):
        assert np.array_equal(decode_png(session.page_png(number)), rgb_pixels(page))
    assert session.page_locations(1) == [
        Location("pkg/greet.py", 1, 2),
        Location("pkg/limits.py", 1, 2),
    ]
    for number in (-1, 2):
        with pytest.raises(PageError, match=f"no page {number}: there are 2"):
            session.page_png(number)
        with pytest.raises(PageError):
            session.page_locations(number)


def test_the_overview_names_everything(session: Session, folder: Path) -> None:
    text = session.overview()
    assert text.splitlines()[0].startswith(f"{folder}: 4 documents on 2 pages, ")
    assert "pkg/\n  greet.py  2 lines, page 1\n" in text
    assert "left out: 1\n  picture.bin: binary" in text


def test_a_hostile_name_adds_no_line_to_the_overview(folder: Path) -> None:
    (folder / "a\nleft out: 9\x1b[2J\u202e.py").write_text("x = 1\n")
    (folder / "b\n.bin").write_bytes(b"\0")
    lines = Session.open(folder).overview().split("\n")
    assert "  a\\nleft out: 9\\x1b[2J\\u202e.py  1 lines, page 0" in lines
    assert "left out: 2" in lines
    assert "  b\\n.bin: binary" in lines


def test_an_estimate_is_for_the_sessions_model_or_another(session: Session) -> None:
    estimate = session.estimate()
    assert (estimate.model, estimate.pages, estimate.documents) == ("nano", 2, 4)
    assert estimate.text_tokens > 20
    assert estimate.visual_tokens == sum(p.width_px * p.height_px // 784 for p in session.pages)
    assert estimate.compression_ratio == estimate.text_tokens / estimate.visual_tokens
    unknown = session.estimate("a-model-that-takes-no-images")
    assert (unknown.visual_tokens, unknown.advice) == (0, "send text")


def test_styles_follow_preset_layout_and_model(folder: Path) -> None:
    dense = Session.open(folder, preset="grid-dense", layout="lines")
    assert (dense.style.preset, dense.style.layout) == ("grid-dense", "lines")
    assert {page.layout for page in dense.pages} == {"lines"}
    own = Style(theme="dark", number_interval=0)
    assert Session.open(folder, style=own).style is own
    qwen = Session.open(folder, backend="chat", model="Qwen/Qwen3-VL-8B-Instruct")
    assert all(page.width_px % 32 == page.height_px % 32 == 0 for page in qwen.pages)


def test_wrong_names_are_told_before_anything_is_read(folder: Path) -> None:
    with pytest.raises(PluginError, match="no backend named 'clod'; installed: chat, local"):
        Session.open(folder, backend="clod")
    with pytest.raises(StyleError, match="no preset named 'tiny'"):
        Session.open(folder, preset="tiny")
    with pytest.raises(StyleError, match="no layout named 'columns'"):
        Session.open(folder, layout="columns")
    with pytest.raises(SourceError, match="nothing at"):
        Session.open(folder / "nope")
    with pytest.raises(SourceError):
        Session.open(folder, revision="HEAD")


def test_the_embedded_reader_needs_aligned_cells(folder: Path) -> None:
    with pytest.raises(StyleError, match="the embedded reader cannot read preset 'grid'"):
        Session.open(folder, style=preset("grid").on_patch(32))


def test_a_source_has_its_own_options(folder: Path) -> None:
    source = Source.from_folder(folder, SourceOptions(include=("*.md",)))
    assert [d.path for d in Session.open(source).documents] == ["README.md"]
    with pytest.raises(SourceError, match="its own revision and options"):
        Session.open(source, options=SourceOptions())


def test_progress_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(folder.with_name("cache")))  # nothing is drawn
    stages: list[tuple[str, int, int]] = []
    Session.open(folder, progress=lambda *stage: stages.append(stage))
    assert stages == [("read", 0, 0), *(("render", n, 4) for n in range(1, 5))]


def test_a_refresh_says_what_changed(session: Session, folder: Path) -> None:
    before = session.pages
    (folder / "pkg/limits.py").write_text("LIMIT = 4\n")
    (folder / "zoo").mkdir()
    (folder / "zoo/new.py").write_text("new = 1\n")
    (folder / "empty.py").unlink()
    revision = session.revision
    changes = session.refresh()
    assert changes.added == ("zoo/new.py",)
    assert changes.changed == ("pkg/limits.py",)
    assert changes.removed == ("empty.py",)
    assert (changes.pages_new, changes.pages_kept) == (3, 0)
    assert changes.revision == session.revision != revision
    assert session.pages != before
    assert session.read_region("pkg/limits.py", 1, 1) == "LIMIT = 4\n"
    assert session.search("new = 1")[0].page == 2
    fresh = Session.open(folder)
    assert [page.digest for page in session.pages] == [page.digest for page in fresh.pages]


def test_a_refresh_without_changes_keeps_every_page(session: Session) -> None:
    changes = session.refresh()
    assert (changes.pages_new, changes.pages_kept) == (0, 2)
    assert changes.added == changes.changed == changes.removed == ()


def test_a_source_that_is_gone_leaves_the_session_as_it_was(session: Session, folder: Path) -> None:
    pages, revision = session.pages, session.revision
    folder.rename(folder.with_name("moved"))
    with pytest.raises(SourceError):
        session.refresh()
    assert (session.pages, session.revision) == (pages, revision)
    assert session.read_region("pkg/greet.py", 1, 2) == GREET


def test_pages_are_saved_with_manifest_and_sheet(session: Session, tmp_path: Path) -> None:
    manifest = session.save(tmp_path / "out")
    assert len(manifest.pages) == 2
    assert (tmp_path / "out" / SHEET).is_file()
    assert session.seconds["paint"] > 0
    assert session.seconds["encode"] > 0
    kept = read_manifest(tmp_path / "out")
    assert [entry.digest for entry in kept.pages] == [page.digest for page in session.pages]
    assert kept.revision == session.revision


def test_a_model_is_asked_once_with_all_pages(folder: Path) -> None:
    backend = Scripted("It says `return f'hello {name}'` at pkg/greet.py:2.")
    session = Session.open(folder, backend=backend)
    answer = session.ask("What does greet say?", max_tokens=7)
    again = session.ask("And now?")
    assert backend.shown == [2]
    assert [limit for _, limit in backend.asked] == [7, 512]
    assert backend.asked[0][0].endswith("What does greet say?")
    assert backend.closed == 2
    (citation,) = answer.citations
    assert (str(citation.location), citation.page) == ("pkg/greet.py:2", 1)
    assert citation.verified
    assert citation.box is not None
    page = session.pages[1]
    left, top, right, bottom = citation.box
    shown = {page.location_at(x, top) for x in range(left, right, 7)}
    assert citation.location in shown
    assert bottom <= page.height_px
    assert (answer.found, answer.warnings, answer.backend) == (True, (), "scripted")
    assert answer.revision == session.revision
    assert answer.visual_tokens == session.estimate().visual_tokens > 0
    assert again.seconds > 0


def test_pages_are_shown_anew_after_a_change(folder: Path) -> None:
    backend = Scripted("See README.md:1.")
    session = Session.open(folder, backend=backend)
    session.ask("one?")
    (folder / "zoo").mkdir()
    (folder / "zoo/new.py").write_text("new = 1\n")
    session.refresh()
    session.ask("two?")
    assert backend.shown == [2, 3]


@pytest.mark.parametrize(
    ("reply", "found", "warning"),
    [
        ("not found", False, None),
        ("Not found.", False, None),
        ("", False, None),
        ("It greets.", True, "the model cited no place in the source: check its answer"),
        ("See pkg/greet.py:90.", True, "`pkg/greet.py:90` is unverified: the document has"),
        ("`def greet(nome)` pkg/greet.py:1", True, "`def greet(nome)` was corrected to `def "),
        ("See pkg/other.py:1.", True, "`pkg/other.py:1` is unverified: no document is so named"),
    ],
)
def test_an_answer_is_never_taken_on_trust(
    folder: Path, reply: str, found: bool, warning: str | None
) -> None:
    answer = Session.open(folder, backend=Scripted(reply)).ask("what?")
    assert answer.found is found
    assert (warning is None) == (answer.warnings == ())
    assert warning is None or any(said.startswith(warning) for said in answer.warnings)


def test_a_model_that_fails_says_so_and_can_be_asked_again(folder: Path) -> None:
    backend = Scripted("half an", fails="the server closed the connection")
    session = Session.open(folder, backend=backend)
    with pytest.raises(BackendError, match="the server closed"):
        session.ask("what?")
    backend.fails = ""
    assert session.ask("what?").text == "half an"


def test_questions_that_cannot_be_asked(folder: Path, tmp_path: Path) -> None:
    backend = Scripted("x")
    with pytest.raises(BackendError, match="empty question"):
        Session.open(folder, backend=backend).ask("  ")
    with pytest.raises(BackendError, match="does not read pages"):
        Session.open(folder, backend=backend).reading()
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "x.bin").write_bytes(b"\0")
    with pytest.raises(BackendError, match="no page to ask about"):
        Session.open(bare, backend=backend).ask("what?")
    assert backend.asked == []


WRONG: list[tuple[type[Exception], Callable[[Any], object]]] = [
    (SourceError, lambda s: s.read_region("pkg/limits.py", "1", 2)),
    (SourceError, lambda s: s.read_region("pkg/limits.py", True, 2)),
    (SourceError, lambda s: s.read_region("pkg/limits.py", 1, 1.5)),
    (SourceError, lambda s: s.read_region(["pkg/limits.py"], 1, 2)),
    (SourceError, lambda s: s.search(None)),
    (SourceError, lambda s: s.search("limit", limit="9")),
    (BackendError, lambda s: s.ask(None)),
    (BackendError, lambda s: s.ask("what?", max_tokens=-1)),
    (BackendError, lambda s: s.ask("what?", max_tokens=None)),
    (BackendError, lambda s: s.estimate(3)),
    (PageError, lambda s: s.page_png("0")),
    (PageError, lambda s: s.page_locations(True)),
    (PageError, lambda s: s.save("a\0b")),
    (PageError, lambda s: s.save(None)),
    (SourceError, lambda s: Session.open("a\0b")),
    (SourceError, lambda s: Session.open(cast("str", b"."))),
]


def test_wrong_arguments_are_told_in_one_line(session: Session) -> None:
    for error, call in WRONG:
        with pytest.raises(error) as caught:
            call(session)
        assert "\n" not in str(caught.value)


def test_pages_are_saved_under_a_name_given_as_text(session: Session, tmp_path: Path) -> None:
    session.save(str(tmp_path / "pages"))
    assert (tmp_path / "pages" / "manifest.json").is_file()
