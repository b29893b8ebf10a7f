"""`glyphagent watch` as a process of its own, on real folders."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glyphagent.session import Session
from glyphagent.store import read_manifest
from glyphagent.tools.changes import page_ranges
from glyphagent.tools.ends import Ends, cut_off

WAIT_S = 90


@contextmanager
def watching(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "glyphagent", "watch", str(folder), "--settle", "60"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found = json.loads(process.stdout.readline())
    assert isinstance(found, dict)
    return found


def test_each_refresh_is_a_line_of_json(folder: Path) -> None:
    with watching(folder, "--json", "--count", "2") as process:
        opened = line(process)
        assert opened["event"] == "open"
        assert opened["watching"] == "inotify"
        path = sorted(folder.rglob("*.py"))[0]
        path.write_text(path.read_text() + "# one more line\n")
        first = line(process)
        assert (first["event"], first["since"]) == ("refresh", opened["revision"])
        assert first["changed"] == [path.relative_to(folder).as_posix()]
        assert first["pages"] >= first["pages_new"] >= 1
        assert first["visual_tokens"] > 0
        path.rename(path.with_name("renamed.py"))
        second = line(process)
        assert second["since"] == first["revision"]
        assert [each["to"] for each in second["renamed"]] == [
            path.with_name("renamed.py").relative_to(folder).as_posix()
        ]
        assert process.wait(WAIT_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_pages_on_disk_and_a_command_follow(folder: Path, tmp_path: Path) -> None:
    out, told = tmp_path / "pages", tmp_path / "told.json"
    hook = f"cat > {told}; echo $GLYPHAGENT_REVISION > {told}.revision; exit 3"
    options = ("--json", "--count", "1", "--out", str(out), "--exec", hook)
    with watching(folder, *options) as process:
        opened = line(process)
        assert read_manifest(out).revision == opened["revision"]
        (folder / "added.py").write_text("ADDED = 1\n")
        refreshed = line(process)
        assert process.wait(WAIT_S) == 0
        assert process.stderr is not None
        assert "--exec: exit code 3" in process.stderr.read()
    assert read_manifest(out).revision == refreshed["revision"]
    assert json.loads(told.read_text())["added"] == ["added.py"]
    assert Path(f"{told}.revision").read_text().strip() == refreshed["revision"]


def test_a_command_that_talks_leaves_json_alone(folder: Path) -> None:
    with watching(folder, "--json", "--count", "2", "--exec", "echo chatter") as process:
        line(process)
        for number in range(2):
            (folder / "added.py").write_text(f"ADDED = {number}\n")
            assert line(process)["event"] == "refresh"
        assert process.wait(WAIT_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == "chatter\n" * 2


def test_pages_that_cannot_be_written_end_nothing(folder: Path, tmp_path: Path) -> None:
    """What stands for a full disk: a file in the place of the folder; then there is room again."""
    out = tmp_path / "pages"
    with watching(folder, "--json", "--out", str(out)) as process:
        line(process)
        out.rename(tmp_path / "aside")
        out.write_text("in the way")
        (folder / "added.py").write_text("ADDED = 1\n")
        told = [line(process), line(process)]
        assert sorted(each["event"] for each in told) == ["fault", "refresh"]
        assert "cannot write" in next(each["message"] for each in told if "message" in each)
        out.unlink()
        assert line(process)["event"] == "notice"
        refreshed = next(each["revision"] for each in told if "revision" in each)
        assert read_manifest(out).revision == refreshed


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_is_left_as_it_was(folder: Path, end: signal.Signals) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "glyphagent", "watch", str(folder), "--settle", "60", "-q"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    hook = ["--exec", "echo from the command"]
    shown = b""
    with subprocess.Popen(
        [*command, *hook], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        try:

            def until(said: bytes) -> None:
                nonlocal shown
                while said not in shown:
                    assert select.select([ours], [], [], WAIT_S)[0], shown
                    shown += os.read(ours, 10_000)

            until(b"Ctrl-C ends")
            (folder / "added.py").write_text("ADDED = 1\n")
            until(b"from the command")
            process.send_signal(end)
            assert process.wait(WAIT_S) == 128 + end
            with contextlib.suppress(OSError):  # Linux: the other side is closed
                while more := os.read(ours, 10_000):
                    shown += more
        finally:
            process.kill()
            os.close(ours)
    assert b"added added.py" in shown
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l") > 0  # the cursor
    assert b"Traceback" not in shown


def test_no_name_passes_for_a_line_of_ours(folder: Path) -> None:
    with watching(folder, "--count", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        (folder / "x\n12:00:00 revision 1: forged\x1b[2J.py").write_text("X = 1\n")
        said = process.stdout.read()
    assert said.count("\n") == 1
    assert r"added x\n12:00:00 revision 1: forged\x1b[2J.py" in said


def test_a_folder_without_a_page_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    with watching(tmp_path, "--count", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        (tmp_path / "a.py").write_text("A = 1\n")
        assert process.wait(WAIT_S) == 0
        assert process.stderr is not None
        assert "nothing to draw: all 1 files were left out" in process.stderr.read()


def test_people_get_lines_where_there_is_no_terminal(folder: Path) -> None:
    with watching(folder, "--count", "1") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"watching {folder}: ")
        (folder / "added.py").write_text("ADDED = 1\n")
        said = process.stdout.readline()
        assert "added added.py" in said
        assert "visual tokens" in said
        assert process.wait(WAIT_S) == 0


def test_ctrl_c_ends_it_quietly(folder: Path) -> None:
    with watching(folder, "--json") as process:
        line(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 130
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nothing at nowhere"),
        ([".", "--out", "."], "is the source itself"),
        ([".", "--settle", "1"], "--settle"),
    ],
)
def test_wrong_use_is_one_clear_error(folder: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glyphagent", "watch", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_end_cuts_off_a_refresh_in_the_background(folder: Path) -> None:
    """Ctrl-C during a checkout of thousands of files: the session stays as it was, nobody waits."""
    ending, open_again = threading.Event(), threading.Event()
    session = Session.open(folder, progress=cut_off(ending, Ends(), None))
    before = session.snapshot
    (folder / "added.py").write_text("ADDED = 1\n")
    ending.set()

    def work() -> None:
        with pytest.raises(SystemExit):
            session.refresh()
        open_again.set()

    refreshing = threading.Thread(target=work)
    refreshing.start()
    refreshing.join(WAIT_S)
    assert open_again.is_set()
    assert session.snapshot is before
    assert session.refresh().added == ("added.py",)  # in the main thread only a signal would


def test_page_numbers_are_told_in_short() -> None:
    assert page_ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"
    assert page_ranges(range(0, 100, 2), most=2) == "0, 2, and 48 more runs"
    assert page_ranges([]) == ""


def test_a_command_may_take_its_time(folder: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    hook = f"sleep 1.3; cat > {told}"
    with watching(folder, "--json", "--count", "1", "--exec", hook) as process:
        line(process)
        (folder / "added.py").write_text("ADDED = 1\n")
        assert line(process)["event"] == "refresh"
        assert process.wait(WAIT_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert json.loads(told.read_text())["added"] == ["added.py"]
