"""Work that hangs, crashes or eats memory costs its own task and nothing else."""

from __future__ import annotations

import functools
import importlib
import math
import operator
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glyphagent.errors import GlyphError, StyleError
from glyphagent.workers import Worker, map_ordered, run_guarded

# A regular expression that backtracks for longer than any test: a hang in C, where no Python
# signal handler would ever run.
HANG = functools.partial(re.match, r"(a+)+$")
HANGING = "a" * 40 + "b"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Functions of a module that is importable by its name, as tasks must be."""
    folder = tmp_path_factory.mktemp("importable")
    (folder / "scratch_tasks.py").write_text(
        "import os, sys, time\n"
        "from glyphagent.errors import StyleError\n"
        "class Stubborn(Exception):\n"
        "    def __init__(self, one, two): super().__init__(one)\n"
        "def refuse(value): raise StyleError(f'no {value}')\n"
        "def stubborn(value): raise Stubborn(value, value)\n"
        "def unpicklable(value): return lambda: value\n"
        "def chatter(value): print('x' * value); sys.stdout.flush(); return sys.stdin.read()\n"
        "def surroundings(_): return os.getpid(), os.environ.get('PYTHONSAFEPATH'), sys.path\n"
        "def spin(seconds):\n"
        "    end = time.process_time() + seconds\n"
        "    while time.process_time() < end: pass\n"
        "    return os.getpid()\n"
        "def nap(seconds): time.sleep(seconds); return os.getpid()\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        module = importlib.import_module("scratch_tasks")
        yield functools.partial(getattr, module)


@pytest.fixture(scope="module")
def worker(tasks: Callable[[str], Any]) -> Iterator[Worker]:
    """One worker for all tests, which must leave it usable; it can import `tasks`."""
    with Worker() as shared:
        yield shared


def test_results_come_back(worker: Worker) -> None:
    assert worker.run(math.factorial, 20, 10) == math.factorial(20)
    assert len(worker.run(bytes, 5_000_000, 10)) == 5_000_000
    assert worker.run(len, bytes(5_000_000), 10) == 5_000_000


def test_one_process_serves_many_tasks(tasks: Callable[[str], Any]) -> None:
    with Worker() as own:
        first, second = (own.run(tasks("surroundings"), 0, 10)[0] for _ in range(2))
        assert first == second != os.getpid()
    assert not alive(first)


def test_a_hang_in_c_ends_at_the_deadline(worker: Worker) -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"took longer than 0\.3 s"):
        worker.run(HANG, HANGING, 0.3)
    assert time.monotonic() - started < 30
    assert worker.run(abs, -1, 10) == 1


def test_time_that_others_had_does_not_count(worker: Worker, tasks: Callable[[str], Any]) -> None:
    # A task that gets no processor for three times its deadline is fine.
    assert worker.run(tasks("nap"), 0.9, 0.3) == worker.run(tasks("surroundings"), 0, 10)[0]


def test_a_task_that_only_waits_is_ended_by_the_clock(
    worker: Worker, tasks: Callable[[str], Any]
) -> None:
    with pytest.raises(TimeoutError, match="took longer than 1 s by the clock"):
        worker.run(tasks("nap"), 600, 0.1)
    assert worker.run(abs, -1, 10) == 1


def test_each_task_has_its_own_time(worker: Worker, tasks: Callable[[str], Any]) -> None:
    # Together they use more than the deadline, each of them less.
    pids = {worker.run(tasks("spin"), 0.25, 0.8) for _ in range(5)}
    assert len(pids) == 1


def test_a_crash_fails_its_task_only(worker: Worker) -> None:
    with pytest.raises(GlyphError, match="died in _exit: exit code 7"):
        worker.run(os._exit, 7, 10)
    with pytest.raises(GlyphError, match="signal SIGSEGV"):
        worker.run(signal.raise_signal, signal.SIGSEGV, 10)
    assert worker.run(abs, -1, 10) == 1


def test_an_idle_worker_that_died_is_replaced(worker: Worker, tasks: Callable[[str], Any]) -> None:
    pid = worker.run(tasks("surroundings"), 0, 10)[0]
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert worker.run(abs, -1, 10) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on address space is Linux's")
def test_memory_is_bounded() -> None:
    with Worker(memory_bytes=400_000_000) as own:
        with pytest.raises(MemoryError):
            own.run(bytes, 2_000_000_000, 30)
        assert own.run(abs, -1, 10) == 1


def test_exceptions_arrive_as_they_were_raised(worker: Worker, tasks: Callable[[str], Any]) -> None:
    with pytest.raises(StyleError, match="no font"):
        worker.run(tasks("refuse"), "font", 10)
    with pytest.raises(ZeroDivisionError):
        worker.run(functools.partial(operator.truediv, 1), 0, 10)
    # This one cannot be pickled back, so it is told instead.
    with pytest.raises(GlyphError, match="Stubborn: x"):
        worker.run(tasks("stubborn"), "x", 10)
    with pytest.raises((AttributeError, TypeError, GlyphError), match="pickle"):
        worker.run(tasks("unpicklable"), "x", 10)


def test_what_a_task_prints_harms_nothing(worker: Worker, tasks: Callable[[str], Any]) -> None:
    assert worker.run(tasks("chatter"), 1_000_000, 10) == ""


def test_a_function_of_main_is_refused(worker: Worker) -> None:
    def task(value: int) -> int:
        return value

    task.__module__ = "__main__"
    with pytest.raises(ValueError, match="move it into a module"):
        worker.run(task, 1, 10)


def test_a_hostile_current_folder_is_not_imported(
    tmp_path: Path,
    tasks: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    marker = tmp_path / "executed"
    for name in ("pickle", "signal", "struct", "json", "contextlib", "glyphagent", "sitecustomize"):
        (hostile / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\n")
    monkeypatch.chdir(hostile)
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(str(hostile))
    _, safe, path = run_guarded(tasks("surroundings"), 0, timeout_s=10)
    assert safe == "1"
    assert not {"", str(hostile)} & set(path)
    assert not marker.exists()


def test_a_closed_worker_takes_nothing() -> None:
    own = Worker()
    own.close()
    with pytest.raises(GlyphError, match="closed"):
        own.run(abs, -1, 10)


def test_closing_from_another_thread_ends_a_running_task() -> None:
    own = Worker()
    own.run(abs, -1, 10)
    threading.Timer(0.3, own.close).start()
    started = time.monotonic()
    with pytest.raises(GlyphError):
        own.run(HANG, HANGING, 300)
    assert time.monotonic() - started < 60


def test_a_worker_outlives_its_parent_by_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom glyphagent.workers import Worker\n"
        "worker = Worker()\nworker.run(abs, -1, 30)\n"
        "print(worker._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        # In a container nobody may reap an orphan; a zombie is as dead.
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    assert not alive(pid)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_map_keeps_the_order_and_gives_failures_as_values(workers: int) -> None:
    found = list(map_ordered(functools.partial(operator.floordiv, 12), [3, 0, 4], workers, 30))
    assert (found[0], found[2]) == (4, 3)
    assert isinstance(found[1], ZeroDivisionError)
    assert list(map_ordered(abs, [], workers, 30)) == []


def test_a_map_goes_on_after_a_hang_and_a_crash() -> None:
    items: list[Callable[[], object]] = [
        functools.partial(HANG, HANGING),
        functools.partial(os._exit, 3),
        functools.partial(abs, -5),
    ]
    found = list(map_ordered(operator.call, items, 2, 0.5))
    assert isinstance(found[0], TimeoutError)
    assert isinstance(found[1], GlyphError)
    assert found[2] == 5


def test_a_map_takes_items_only_a_few_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_ordered(abs, items(), 2, 30)
    assert next(results) == 0
    assert len(taken) <= 5
    results.close()  # type: ignore[attr-defined]


def test_ending_a_map_early_leaves_no_process(tasks: Callable[[str], Any]) -> None:
    results = map_ordered(tasks("nap"), [0, 0, 60, 60, 60], 2, 120)
    pids: set[Any] = {next(results), next(results)}
    started = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 20
    assert not any(alive(pid) for pid in pids)


def test_ctrl_c_ends_a_map_and_its_workers() -> None:
    code = (
        "import time\nfrom glyphagent.workers import map_ordered\n"
        "for _ in map_ordered(time.sleep, [0, 600, 600, 600], 2, 900): print('first', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"first\n"
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in complaint
    assert process.returncode
