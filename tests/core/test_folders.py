"""Whatever lies in a folder, it is read, or left out with a reason, and leads nowhere else."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from glyphagent.document import Document, Skipped
from glyphagent.sources import Source, SourceOptions, SourceSet

Git = Callable[..., str]


def names(found: SourceSet) -> list[str]:
    return [document.path for document in found.documents]


def reasons(found: SourceSet) -> dict[str, str]:
    return {skip.path: skip.reason for skip in found.skipped}


def fill(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def hostile(root: Path) -> Path:
    """A folder with everything that a reader should not trip over; links need their targets."""
    fill(
        root,
        {
            "good.py": "x = 1\n",
            "pickle.py": "raise SystemExit('imported')\n",
            "random.py": os.urandom(5000),
            "long.py": "x" * 5_000_000,
            "line.py": "y" * 30_000,
            "lib/a.min.js": "a()",
            "lib/a.js.map": "{}",
            "model.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "half.txt": b"\xff\xfea",
            "sub/target.py": "t = 1\n",
        },
    )
    with open(root / "huge.py", "wb") as file:
        file.truncate(200_000_000)
    links = {
        "loop": "loop",
        "ring1": "ring2",
        "ring2": "ring1",
        "out": "/etc/passwd",
        "up": "../..",
        "gone": "nothing.py",
        "twin.py": "sub/target.py",
        "sub/again": "..",
    }
    for name, target in links.items():
        os.symlink(target, root / name)
    return root


HOSTILE = {
    "random.py": "binary",
    "long.py": "too large (5000000 bytes, limit 1000000)",
    "line.py": "minified or generated (a line of 30000 characters, limit 20000)",
    "lib/a.min.js": "minified or generated (minified by its name)",
    "lib/a.js.map": "minified or generated (source map)",
    "model.bin": "LFS pointer (9 bytes are stored elsewhere)",
    "half.txt": "undecodable (utf-16-le: truncated data)",
    "huge.py": "too large (200000000 bytes, limit 1000000)",
    "loop": "link loop",
    "ring1": "link loop",
    "ring2": "link loop",
    "out": "link leaving the root",
    "up": "link leaving the root",
    "gone": "broken link",
    "twin.py": "link (its target is listed itself)",
    "sub/again": "link (its target is listed itself)",
}
READABLE = ["good.py", "pickle.py", "sub/target.py"]


def test_a_hostile_folder_ends_in_reasons(tmp_path: Path) -> None:
    root = hostile(tmp_path / "hostile")
    os.mkfifo(root / "pipe.py")
    os.mkfifo(root / ".gitignore")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.relpath(root / "socket.py"))
    try:
        found = Source.open(root).read()
    finally:
        listener.close()
    assert names(found) == READABLE
    assert reasons(found) == HOSTILE | {
        "pipe.py": "not a regular file (fifo)",
        ".gitignore": "not a regular file (fifo)",
        "socket.py": "not a regular file (socket)",
    }


def test_a_hostile_work_tree_runs_nothing(tmp_path: Path, scratch_git: Git) -> None:
    root = hostile(tmp_path / "hostile")
    (root / "huge.py").unlink()
    scratch_git(root, "init", "-q")
    scratch_git(root, "add", ".")
    scratch_git(root, "commit", "-qm", "all")
    marker = tmp_path / "executed"
    command = tmp_path / "command"
    command.write_text(f"#!/bin/sh\ntouch {marker}\n")
    command.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.editor", "filter.x.smudge"):
        scratch_git(root, "config", key, str(command))
    (root / ".git/info/attributes").write_text("* filter=x\n")
    expected = {path: reason for path, reason in HOSTILE.items() if path != "huge.py"}
    for source in (Source.open(root), Source.open(root, "HEAD")):
        found = source.read()
        assert names(found) == READABLE
        assert reasons(found) == expected
    assert not marker.exists()


def test_what_vanishes_between_listing_and_reading_is_listed(tmp_path: Path) -> None:
    fill(tmp_path, {"a.py": "", "b.py": "", "c.py": ""})
    documents = Source.open(tmp_path).documents()
    assert next(documents).path == "a.py"
    (tmp_path / "b.py").unlink()
    assert list(documents) == [Skipped("b.py", "vanished"), Document("c.py", "")]


def test_a_growing_file_is_read_to_the_limit_only(tmp_path: Path) -> None:
    # Files of /proc say they are empty, and are not: the same as growing after the look.
    found = Source.from_files("/proc/self", ["maps"], SourceOptions(max_bytes=100)).read()
    assert reasons(found)["maps"].startswith("too large")
    assert int(re.findall(r"\d+", reasons(found)["maps"])[0]) == 101


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_listed(tmp_path: Path) -> None:
    fill(tmp_path, {"a.py": "", "b.py": ""})
    (tmp_path / "a.py").chmod(0)
    found = Source.open(tmp_path).read()
    assert names(found) == ["b.py"]
    assert reasons(found) == {"a.py": "unreadable (permission denied)"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_a_folder_without_permission_is_listed_as_unreadable(tmp_path: Path) -> None:
    fill(tmp_path, {"locked/a.py": "", "b.py": ""})
    (tmp_path / "locked").chmod(0)
    try:
        found = Source.open(tmp_path).read()
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert names(found) == ["b.py"]
    assert reasons(found) == {"locked": "unreadable (permission denied)"}


def test_a_file_that_the_system_refuses_to_read_is_listed() -> None:
    # Reading another address than a mapped one fails for root too.
    found = Source.from_files("/proc/self", ["mem", "comm"]).read()
    assert reasons(found) == {"mem": "unreadable (input/output error)"}
    assert names(found) == ["comm"]


def test_a_path_deeper_than_the_system_allows_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(22):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.chdir(before)
    found = Source.from_folder(tmp_path).read()
    assert names(found) == ["a.py"]
    assert set(reasons(found).values()) == {"path too long"}
    named = Source.from_files(tmp_path, ["n" * 300]).read()
    assert reasons(named) == {"n" * 300: "path too long"}
