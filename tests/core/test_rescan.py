"""Reading again equals reading anew, whatever happened meanwhile, and keeps what did not change."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glyphagent.errors import SourceError
from glyphagent.rescan import Rescan
from glyphagent.sources import Source, SourceOptions, SourceSet

Git = Callable[..., str]

# The kernel's clock ticks every 4 to 10 ms, and nothing here lies on a coarser file system.
TICK_S = 0.02
OPTIONS = SourceOptions(max_bytes=300, max_line=100)
FILES = (
    *("a.py", "A.py", "b.py", "d/a.py", "d/e/c.py", "d2/a.py", "n\udcff.py", "n\\xff.py"),
    *("x.min.js", "pages/manifest.json", "pages/p0.png", ".gitignore", "d/.gitignore"),
    *(".glyphagentignore", "d/.glyphagentignore"),
)
FOLDERS = ("d", "d/e", "d2", "pages", "new")
CONTENTS = (
    *(b"one\n", b"two\n", b"caf\xe9\n", b"\0\1\2", b"\xff\xfea", b"", b"x" * 150, b"y\n" * 200),
    *(b'{"format": "glyphagent page set"}', b"b.py\n", b"d/\n", b"*.py\n!a.py\n", b"e/\n"),
)
GIT = (
    *(
        ("add", "-A"),
        ("add", "-f", "b.py"),
        ("commit", "-qm", "more"),
        ("checkout", "-q", "HEAD~1"),
    ),
    *(("checkout", "-q", "main"), ("rm", "-q", "--cached", "a.py"), ("mv", "d", "new")),
    *(("stash", "-q"), ("reset", "-q", "--hard"), ("rm", "-qrf", "d")),
)

# What happens, and to what: paths, bytes, a git command.
Operation = tuple[Any, ...]
one_file, one_content = st.sampled_from(FILES), st.sampled_from(CONTENTS)
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["write", "save", "disguise", "append"]), one_file, one_content),
    st.tuples(st.sampled_from(["delete", "truncate", "touch", "mode", "folder", "fifo"]), one_file),
    st.tuples(st.sampled_from(["rename", "link", "hard link"]), one_file, one_file),
    st.tuples(
        st.sampled_from(["rename", "link"]), st.sampled_from(FOLDERS), st.sampled_from(FOLDERS)
    ),
    st.tuples(st.just("delete"), st.sampled_from(FOLDERS)),
)
REPOSITORY = st.one_of(
    OPERATIONS,
    OPERATIONS,
    st.tuples(st.just("git"), st.sampled_from(GIT)),
    st.tuples(st.sampled_from(["lock", "damage", "mend"])),
)


class Place:
    """A real folder that things happen to."""

    def __init__(self, root: Path, git: Git) -> None:
        self.root = root
        self.git = git

    def happen(self, operation: Operation) -> set[str]:
        """Do it if it can be done; the folders that may hold changes then."""
        what, *given = operation
        if what == "git":
            with suppress(AssertionError):
                self.git(self.root, *given[0])
            return {""}
        if not given:
            self.to_git(what)
            return {""}
        path = self.root / str(given[0])
        # A change shows in the folder that a link leads to, and wherever else the file is named.
        dirty = {os.path.dirname(str(each)) for each in given if isinstance(each, str)}
        dirty.add(os.path.relpath(os.path.realpath(path.parent / path.name), self.root))
        if path.is_file() and path.stat().st_nlink > 1:
            dirty.add("")
        with suppress(OSError):
            if what in ("write", "save", "disguise", "append"):
                self.put(what, path, given[1])
            elif what in ("rename", "link", "hard link"):
                other = self.root / given[1]
                other.parent.mkdir(parents=True, exist_ok=True)
                if what == "rename":
                    os.rename(path, other)
                elif what == "link":
                    os.symlink(path, other)
                else:
                    os.link(path, other)
            else:
                self.spoil(what, path)
        for each in self.root.rglob(".gitignore"):
            if each.is_fifo():
                each.unlink()  # git would wait for a writer
        return dirty

    def put(self, how: str, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if how != "save" and path.exists() and not path.is_file():
            return  # A pipe would wait for a reader.
        before = os.stat(path) if how == "disguise" else None
        target = path.with_name("saving.tmp") if how == "save" else path
        with open(target, "ab" if how == "append" else "wb") as file:
            file.write(content)
        if how == "save":
            os.replace(target, path)
        if before is not None:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def spoil(self, how: str, path: Path) -> None:
        if how == "delete":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif how == "truncate":
            os.truncate(path, 1)
        elif how == "touch":
            os.utime(path)
        elif how == "mode":
            path.chmod(path.stat().st_mode & 0o777 ^ 0o444)
        else:
            with suppress(OSError):
                path.unlink()
            path.mkdir(parents=True) if how == "folder" else os.mkfifo(path)

    def to_git(self, how: str) -> None:
        git, kept = self.root / ".git", self.root / ".git/index.kept"
        if how == "lock":
            (git / "index.lock").touch()
            return
        (git / "index.lock").unlink(missing_ok=True)
        if how == "damage" and not kept.exists() and (git / "index").exists():
            os.rename(git / "index", kept)
            (git / "index").write_bytes(b"DIRC?")
        if how == "mend" and kept.exists():
            os.replace(kept, git / "index")


def same(again: SourceSet, anew: SourceSet, before: SourceSet | None) -> None:
    """Equal to a reading anew, and whatever equals what was before is that very object."""
    assert again == anew
    earlier = {each.path: each for each in before.documents} if before else {}
    for document in again.documents:
        known = earlier.get(document.path)
        # Two files may be shown as this path: the one in place of the other is another's document.
        assert known is document or known != document or document.path == "n\\xff.py"


def settle() -> None:
    time.sleep(2 * TICK_S)


def live(place: Place, source: Source, steps: list[tuple[Operation, bool, bool]]) -> None:
    """Let it all happen to a place, and read now and then, sometimes with the clock moved on."""
    told, untold = Rescan(source, TICK_S), Rescan(source, TICK_S)
    before: tuple[SourceSet | None, SourceSet | None] = (None, None)
    dirty: set[str] = set()
    for operation, settles, reads in [(("touch", "a.py"), True, True), *steps]:
        dirty |= place.happen(operation)
        if settles:
            settle()
        if reads:
            anew = source.read()
            found = told.read(dirty), untold.read()
            for again, last in zip(found, before, strict=True):
                same(again, anew, last)
            before, dirty = found, set()


def lives(operations: st.SearchStrategy[Any]) -> st.SearchStrategy[list[object]]:
    return st.lists(st.tuples(operations, st.booleans(), st.booleans()), min_size=6, max_size=16)


LIVES = settings(max_examples=10, suppress_health_check=list(HealthCheck))
NUMBERS = count()


def filled(root: Path) -> Path:
    for number, name in enumerate(FILES):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENTS[number % 3])
    return root


@LIVES
@given(lives(REPOSITORY))
def test_any_life_of_a_work_tree(
    tmp_path: Path, scratch_git: Git, steps: list[tuple[Operation, bool, bool]]
) -> None:
    root = filled(tmp_path / str(next(NUMBERS)))
    scratch_git(root, "init", "-q")
    for number in range(2):
        (root / "b.py").write_text(str(number))
        scratch_git(root, "add", "-A")
        scratch_git(root, "commit", "-qm", "first")
    live(Place(root, scratch_git), Source.open(root, options=OPTIONS), steps)


@LIVES
@given(lives(OPERATIONS))
def test_any_life_of_a_plain_folder(
    tmp_path: Path, scratch_git: Git, steps: list[tuple[Operation, bool, bool]]
) -> None:
    root = filled(tmp_path / str(next(NUMBERS)))
    live(Place(root, scratch_git), Source.from_folder(root, OPTIONS), steps)


@LIVES
@given(lives(OPERATIONS))
def test_any_life_of_chosen_files(
    tmp_path: Path, scratch_git: Git, steps: list[tuple[Operation, bool, bool]]
) -> None:
    root = filled(tmp_path / str(next(NUMBERS)))
    source = Source.from_files(root, [*FILES, "d2", "../x", "nothing.py"], OPTIONS)
    live(Place(root, scratch_git), source, steps)


@pytest.fixture
def project(tmp_path: Path, scratch_git: Git) -> Path:
    root = tmp_path / "project"
    files: dict[str, str | bytes] = {
        "a.py": "a = 1\n",
        "sub/b.py": "b = 1\n",
        "sub/deep/c.py": "c = 1\n",
        "sub/image": b"\0\0",
        "other/d.py": "d = 1\n",
    }
    scratch_git(root, "init", "-q", files=files)
    scratch_git(root, "add", ".")
    scratch_git(root, "commit", "-qm", "first")
    return root


def counted(rescan: Rescan) -> tuple[int, int, int]:
    return rescan.looked_at, rescan.read_anew, rescan.kept


def test_what_did_not_change_is_not_read(project: Path) -> None:
    rescan = Rescan(Source.open(project), TICK_S)
    settle()
    first = rescan.read()
    assert counted(rescan) == (5, 5, 0)
    assert all(x is y for x, y in zip(rescan.read().documents, first.documents, strict=True))
    assert counted(rescan) == (5, 0, 4)
    (project / "sub/b.py").write_text("b = 2\n")
    settle()
    second = rescan.read()
    assert counted(rescan) == (5, 1, 3)
    assert second.revision != first.revision
    assert [each.text for each in second.documents if each.path == "sub/b.py"] == ["b = 2\n"]


def test_only_dirty_folders_are_looked_at(project: Path) -> None:
    rescan = Rescan(Source.open(project), TICK_S)
    settle()
    first = rescan.read({"other"})
    assert rescan.looked_at == 5, "there is nothing to trust yet"
    (project / "sub/deep/c.py").write_text("c = 2\n")
    assert rescan.read(["other", "su"]) == first, "what nobody told is not looked for"
    assert counted(rescan) == (1, 0, 4)
    assert rescan.read(["sub/"]) != first
    assert counted(rescan) == (3, 1, 3)
    rescan.read([])
    assert counted(rescan) == (0, 0, 4)
    rescan.read(["sub/b.py"])
    assert rescan.looked_at == 1
    (project / "other/new.py").write_text("new")
    assert "other/new.py" in [each.path for each in rescan.read([]).documents], "listings are asked"


def test_a_file_written_under_another_name_has_changed(tmp_path: Path) -> None:
    """A watcher hears of the name that was written to, and not of the file's other ones."""
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a/one.py").write_text("one\n")
    (tmp_path / "c/other.py").write_text("other\n")
    rescan = Rescan(Source.open(tmp_path), tick_s=0.0)
    rescan.read()
    # Linked and written at once, before anybody looked.
    os.link(tmp_path / "a/one.py", tmp_path / "b/two.py")
    (tmp_path / "b/two.py").write_text("two\n")
    assert rescan.read(["b"]) == Source.open(tmp_path).read()
    (tmp_path / "b/two.py").write_text("three\n")
    assert rescan.read(["b"]) == Source.open(tmp_path).read()
    assert rescan.looked_at == 2
    os.unlink(tmp_path / "a/one.py")
    (tmp_path / "b/two.py").write_text("four\n")
    assert rescan.read(["a", "b"]) == Source.open(tmp_path).read()
    rescan.read(["c"])
    assert rescan.looked_at == 1


def test_a_file_just_changed_is_read_once_more(project: Path) -> None:
    rescan = Rescan(Source.open(project), tick_s=3600)
    first = rescan.read()
    again = rescan.read()
    assert counted(rescan) == (5, 5, 4)
    assert all(x is y for x, y in zip(again.documents, first.documents, strict=True))


def test_times_set_back_hide_no_change(project: Path) -> None:
    rescan = Rescan(Source.open(project), TICK_S)
    settle()
    rescan.read()
    before = (project / "a.py").stat()
    (project / "a.py").write_text("a = 2\n")
    os.utime(project / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rescan.read().documents[0].text == "a = 2\n"


def test_a_link_in_a_folders_place_is_not_followed(project: Path, tmp_path: Path) -> None:
    rescan = Rescan(Source.open(project), TICK_S)
    settle()
    rescan.read()
    outside = tmp_path / "outside"
    os.rename(project / "sub", outside)
    os.symlink(outside, project / "sub")
    found = rescan.read()
    assert [each.path for each in found.documents] == ["a.py", "other/d.py"]
    assert found == rescan.source.read()


def test_another_folder_in_the_roots_place_is_looked_at(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(name)
    rescan = Rescan(Source.from_folder(tmp_path / "one"))
    rescan.read()
    os.rename(tmp_path / "one", tmp_path / "gone")
    with pytest.raises(SourceError):
        rescan.read([])
    os.rename(tmp_path / "two", tmp_path / "one")
    assert rescan.read([]).documents[0].text == "two"
    os.rename(tmp_path / "one", tmp_path / "moved")
    os.rename(tmp_path / "gone", tmp_path / "one")
    assert rescan.read([]).documents[0].text == "one"


def test_no_folder_stays_open(project: Path) -> None:
    (project / "/".join(["deep"] * 80)).mkdir(parents=True)
    (project / "/".join(["deep"] * 80) / "x.py").write_text("x")
    rescan = Rescan(Source.open(project))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        assert rescan.read() == rescan.source.read()
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_cannot_change_is_read_once(project: Path) -> None:
    for source in (Source.open(project, "HEAD"), Source.from_stdin(io.BytesIO(b"x"))):
        rescan = Rescan(source)
        assert rescan.read() is rescan.read() == source.read()
        assert counted(rescan) == (0, 0, len(source.read().documents))
