"""The random work is work: every kind of operation is done, and the repository stays one."""

from __future__ import annotations

import os
from pathlib import Path

from tests.live.file_work import MARKER
from tests.live.operations import Worker
from tests.live.repositories import git, make_repository


def test_many_kinds_of_operations_are_done_and_the_repository_stays_one(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    paths = make_repository(root, 40, 3000)
    assert git(root, "ls-files", "-z").stdout.split("\0")[:-1] == sorted(paths, key=os.fsencode)
    worker = Worker(root, 3)
    worker.work(150, paced=False)
    marker = worker.rest()
    assert worker.done.total() == 150
    assert len(worker.done) >= 15
    assert (root / MARKER).read_text() == marker
    assert git(root, "rev-parse", "--show-toplevel").stdout.strip() == os.path.realpath(root)
    os.system(f"chmod -R u+rwX {tmp_path}")


def test_each_operation_can_be_done(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    make_repository(root, 40, 3000)
    worker = Worker(root, 1)
    never = []
    for name in worker.names:
        for _ in range(40):
            worker.do(name)
            if worker.done[name]:
                break
        else:
            never.append(name)
    assert never == []
    os.system(f"chmod -R u+rwX {tmp_path}")
