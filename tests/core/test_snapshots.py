"""Snapshots: immutable, swapped at once, compared with any earlier one."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.page import Page, recover
from glyphagent.plugins import Chunk, Image
from glyphagent.session import Session
from glyphagent.store import read_manifest

LONG = "".join(f"def step_{n}(value):\n    return value + {n}\n\n" for n in range(400))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, text in (
        ("app/main.py", "from app.tax import RATE\nTOTAL = 100 * RATE\n"),
        ("app/tax.py", "RATE = 0.19\n"),
        ("lib/long.py", LONG),
        ("zoo/one.py", "ONE = 1\n"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


class Slow:
    """A model that answers only when it is let."""

    name, model = "slow", "zai-org/Glyph"

    def __init__(self) -> None:
        self.asked, self.may = threading.Event(), threading.Event()

    def prefill(self, images: Sequence[Page | Image]) -> Slow:
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.asked.set()
        assert self.may.wait(60)
        yield Chunk("`RATE = 0.19` stands at app/tax.py:1.")


def digests(session: Session) -> list[str]:
    return [page.digest for page in session.pages]


def test_a_question_under_way_ends_on_the_state_it_began_with(folder: Path) -> None:
    model = Slow()
    session = Session.open(folder, backend=model)
    before, answers = session.revision, []
    asking = threading.Thread(target=lambda: answers.append(session.ask("What is RATE?")))
    asking.start()
    assert model.asked.wait(60)
    (folder / "app/tax.py").write_text("# moved\nRATE = 0.21\n")
    changes = session.refresh()
    model.may.set()
    asking.join()
    (answer,) = answers
    assert answer.revision == before != session.revision == changes.revision
    assert answer.citations[0].verified
    assert not session.ask("What is RATE?").citations[0].verified


def test_a_pinned_session_stays_as_it_is(folder: Path) -> None:
    session = Session.open(folder)
    pinned = session.pinned()
    pages, revision = pinned.pages, pinned.revision
    (folder / "app/tax.py").write_text("RATE = 0.21\n")
    session.refresh()
    assert (pinned.pages, pinned.revision) == (pages, revision)
    assert pinned.read_region("app/tax.py", 1, 1) == "RATE = 0.19\n"
    assert session.read_region("app/tax.py", 1, 1) == "RATE = 0.21\n"
    assert pinned.changes_since().revision == revision != session.changes_since().revision
    assert not pinned.changes_since(revision)
    assert pinned.graph.revision == revision
    assert session.graph.revision == session.revision
    for refused in (pinned.refresh, pinned.replan, pinned.watch):
        with pytest.raises(SourceError, match="pinned"):
            refused()


def test_what_changed_is_told_while_a_refresh_is_under_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(folder)
    begun, may = threading.Event(), threading.Event()
    read = session._rescan.read

    def slow(*dirty: object) -> object:
        begun.set()
        assert may.wait(60)
        return read()

    monkeypatch.setattr(session._rescan, "read", slow)
    refreshing = threading.Thread(target=session.refresh)
    refreshing.start()
    assert begun.wait(60)
    told: list[object] = []
    asking = threading.Thread(target=lambda: told.append(session.pinned().changes_since()))
    asking.start()
    asking.join(30)
    may.set()
    refreshing.join()
    assert len(told) == 1


def test_nothing_changed_is_the_same_snapshot(folder: Path) -> None:
    session = Session.open(folder)
    before = session.snapshot
    changes = session.refresh()
    assert not changes
    assert session.snapshot is before
    assert (changes.since, changes.revision) == (before.revision, before.revision)


def test_new_documents_come_last_until_a_replan(folder: Path) -> None:
    session = Session.open(folder)
    before = digests(session)
    (folder / "aaa").mkdir()
    (folder / "aaa/first.py").write_text("FIRST = 1\n")
    changes = session.refresh()
    assert digests(session)[: len(before)] == before
    assert (changes.prefix_kept, changes.moved) == (len(before), False)
    assert session.documents[-1].path == "aaa/first.py"
    fresh = Session.open(folder)
    assert digests(fresh) != digests(session)
    moved = session.replan()
    assert digests(session) == digests(fresh)
    assert (moved.moved, moved.added, moved.changed) == (True, (), ())
    assert [d.path for d in session.documents] == [d.path for d in fresh.documents]


def test_a_renamed_document_keeps_its_pages(folder: Path) -> None:
    session = Session.open(folder)
    before, since = digests(session), session.revision
    (folder / "lib/long.py").rename(folder / "lib/steps.py")
    changes = session.refresh()
    assert changes.renamed == (("lib/long.py", "lib/steps.py"),)
    assert (changes.pages_new, changes.prefix_kept) == (0, len(before))
    assert digests(session) == before
    assert recover(session.pages)["lib/steps.py"] == LONG
    (hit,) = session.search("def step_399(")
    assert hit.location.path == "lib/steps.py"
    assert session.snapshot.made.plan.drawn_as == {"lib/steps.py": "lib/long.py"}
    assert session.changes_since(since).renamed == changes.renamed
    session.replan()
    assert not session.snapshot.made.plan.drawn_as
    assert digests(session) == digests(Session.open(folder))


def test_a_page_set_says_which_pages_show_an_old_path(folder: Path, tmp_path: Path) -> None:
    session = Session.open(folder)
    (folder / "lib/long.py").rename(folder / "lib/steps.py")
    session.refresh()
    session.save(tmp_path / "pages")
    drawn = {each.path: each.drawn_as for each in read_manifest(tmp_path / "pages").documents}
    assert drawn["lib/steps.py"] == "lib/long.py"
    assert drawn["zoo/one.py"] == ""
    session.replan()
    session.save(tmp_path / "pages")
    assert not any(each.drawn_as for each in read_manifest(tmp_path / "pages").documents)


class Citing(Slow):
    """A model that cites the path which it sees in the image."""

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.prompt = prompt
        yield Chunk("See `def step_3(value):` at lib/long.py:10, not xlib/long.py:1.")


def test_a_model_that_cites_the_old_path_is_understood(folder: Path) -> None:
    model = Citing()
    session = Session.open(folder, backend=model)
    (folder / "lib/long.py").rename(folder / "lib/steps.py")
    session.refresh()
    answer = session.ask("Where is step_3?", whole=True)
    assert "lib/long.py -> lib/steps.py" in model.prompt
    assert [str(c.location) for c in answer.citations if c.verified] == ["lib/steps.py:10"]


def test_a_model_is_told_new_names_of_the_pages_it_sees(folder: Path) -> None:
    model = Citing()
    (folder / "many").mkdir()
    for number in range(40):
        (folder / f"many/m{number}.py").write_text(LONG.replace("step", f"many_{number}"))
    session = Session.open(folder, backend=model)
    (folder / "many").rename(folder / "more")
    (folder / "lib/long.py").rename(folder / "lib/a\n9 -> 8.py")
    session.refresh()
    answer = session.ask("Where is step_3 defined?", budget=3000)
    assert len(answer.pages) < len(session.pages)
    told = model.prompt.partition("header -> new path):\n")[2].partition("\n\n")[0].splitlines()
    assert r"lib/long.py -> lib/a\n9 -> 8.py" in told
    assert len(told) < 5


def test_changes_since_any_state(folder: Path) -> None:
    session = Session.open(folder)
    first = session.revision
    (folder / "app/tax.py").write_text("RATE = 0.21\n")
    second = session.refresh().revision
    (folder / "zoo/one.py").unlink()
    (folder / "big.bin").write_bytes(bytes(100))
    session.refresh()
    found = session.changes_since(first)
    assert (found.changed, found.removed) == (("app/tax.py",), ("zoo/one.py",))
    assert [skip.path for skip in found.skipped] == ["big.bin"]
    assert session.changes_since(second).changed == ()
    assert not session.changes_since(session.revision)
    with pytest.raises(SourceError, match="no state 'nonsense'"):
        session.changes_since("nonsense")


def test_only_new_pages_are_read_again(folder: Path) -> None:
    """Readings of pages that stayed as they were are used again, and a counter says so."""
    session = Session.open(folder)
    session.ask("What is RATE set to?")
    read = session.pages_read
    assert read == len(session.pages)
    (folder / "lib/long.py").write_text(LONG.replace("value + 399", "value + 1399"))
    changes = session.refresh()
    assert "0.19" in session.ask("What is RATE set to?").text
    assert 0 < session.pages_read - read <= changes.pages_new <= 2
    assert len(session.pages) > 3
    assert "1399" in session.reading().texts["lib/long.py"]


def test_refreshes_from_several_threads_agree(folder: Path) -> None:
    session = Session.open(folder)

    def work(number: int) -> None:
        for turn in range(5):
            (folder / f"zoo/t{number}.py").write_text(f"T = {turn}\n")
            session.refresh()
            session.overview()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.refresh()
    fresh = Session.open(folder)
    assert session.revision == fresh.revision
    session.replan()
    assert digests(session) == digests(fresh)


def test_a_worker_that_starts_during_a_save_does_not_lock_the_next_one(
    folder: Path, tmp_path: Path
) -> None:
    """A child has our handles from its fork on until it becomes another program."""
    out = tmp_path / "pages"
    held: list[int] = []

    def start(stage: str, done: int, total: int) -> None:
        if stage != "write pages" or held:
            return
        for descriptor in range(3, 1000):  # whichever is the folder's; a copy stands for a child's
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), out.stat()):
                    held.append(os.dup(descriptor))

    session = Session.open(folder, progress=start)
    session.save(out)
    assert held
    try:
        assert session.save(out).revision == session.revision
    finally:
        for descriptor in held:
            os.close(descriptor)
