"""What the measuring programs count, on small repositories; figures come from `python -m`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.live.checkout import checkouts
from tests.live.idle import idle
from tests.live.measuring import cpu_seconds, footprint, tree
from tests.live.refresh_work import measured


def test_a_checkout_is_one_refresh(tmp_path: Path) -> None:
    result = checkouts(tmp_path, 60, 30, rounds=2, rest_s=1.0)
    assert [each["files_changed"] for each in result["checkouts"]] == [30, 30]
    assert result["most_refreshes_that_changed_something"] == 1
    assert result["differences"] == 0


def test_nothing_is_refreshed_while_nothing_happens_or_a_build_writes(tmp_path: Path) -> None:
    result = idle(tmp_path, 40, seconds=1.0, storm=300)
    assert result["looks_at_everything"] == 0
    assert (result["ignored_writes"], result["ignored_writes_refreshes"]) == (300, 0)
    assert result["watched_by"] == "inotify"
    assert result["told_of_an_edit_afterwards"]


def test_an_edit_leaves_a_fresh_session_with_few_new_pages(tmp_path: Path) -> None:
    result = measured(tmp_path, 40, rounds=1, edits=2)
    assert result["differences"] == 0
    for edits in result["edits"].values():
        assert [each["changed"] for each in edits] == [1, 1]
        assert all(each["pages_new"] <= 2 < each["pages_kept"] for each in edits)


def test_what_a_process_started_is_counted() -> None:
    script = "sum(range(3_000_000)); print('done', flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        assert tree(os.getpid())[0] == os.getpid()
        assert child.pid in tree(os.getpid())
        assert child.pid not in tree(os.getpid(), without=[child.pid])
        assert cpu_seconds() >= cpu_seconds(child.pid) > 0
        assert footprint(0.0).children == footprint(0.0, without=[child.pid]).children + 1
        child.stdin.close()
