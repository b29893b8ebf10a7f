"""Processes that can be killed, for work on input that nobody vouches for.

A parser may hang, eat all memory or crash on hostile input, and nothing inside the same process
can stop it. A `Worker` is a process of its own that takes one task after the other; each task
has a deadline, and a worker that misses it, or dies, is replaced. A deadline is in processor time,
so that a busy machine fails nothing that is fine; one that only waits is ended by the clock, after
ten times as long. What the tasks do is left to those who call.

Workers are plain `python -P -c ...` processes rather than multiprocessing's: those import the
parent's `__main__` again, and put the current folder, which may hold a hostile `pickle.py`,
before the standard library (https://github.com/python/cpython/issues/157916). Here it is left out
altogether, so a task's function must come from a module that is found elsewhere.
`worker_process` is the other end.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

from glyphagent.errors import GlyphError
from glyphagent.worker_process import (
    BEGUN,
    FAILED,
    HEAD_SIZE,
    WALL_FACTOR,
    framed,
    length_of,
)

T = TypeVar("T")
R = TypeVar("R")

# Starting includes importing the function's module, on a machine that may be busy.
_START_LIMIT_S = 120.0
# What a process that used up its processor time ends with, where the system can tell.
_OUT_OF_TIME = -getattr(signal, "SIGPROF", 0) or None
_TASKS_AHEAD_PER_WORKER = 2
_LAST_WORDS = 2000
_LARGEST_READ = 1 << 20
_LONGEST_POLL_MS = 1e9
_HOME = str(Path(__file__).resolve().parents[1])
# Our own package first, from where the parent has it: an editable install is asked only after
# all folders of the path, so that one of them could put another `glyphagent` before ours.
_BOOTSTRAP = """
import json, sys
home, more, memory_bytes = json.loads(sys.argv[1])
try:
    from glyphagent.worker_process import serve
except ImportError:
    sys.path.append(home)
    from glyphagent.worker_process import serve
sys.path += [entry for entry in more if entry not in sys.path]
serve(memory_bytes)
"""


class Worker:
    """A process that runs module-level functions, one at a time, each with a deadline.

    It starts with the first task, and again after it was killed. Threads may share one, but only
    `close` may be called while another thread's task runs.
    """

    def __init__(self, *, memory_bytes: int | None = None) -> None:
        """Prepare a worker; nothing is started yet.

        Args:
            memory_bytes: Address space that the process may have, interpreter and libraries
                included (an idle one with numpy takes about 300 MB); a task that needs more
                sees `MemoryError`. Without effect where the system has no such limit.
        """
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
        # The first guards the fields, for moments; the second a whole task.
        self._lock = threading.Lock()
        self._busy = threading.Lock()
        self._closed = False

    def run(self, function: Callable[[T], R], argument: T, timeout_s: float) -> R:
        """What `function(argument)` returns, or raises, in the worker.

        Args:
            function: Importable by its name; not one from `__main__`.
            argument: Anything that can be pickled.
            timeout_s: Seconds of processor time that the function may take, or ten times as many
                by the clock; starting and importing do not count.

        Raises:
            TimeoutError: The deadline passed; the worker was killed.
            GlyphError: The worker died, or was closed.
        """
        if getattr(function, "__module__", None) == "__main__":
            raise ValueError(f"{function!r} is defined in __main__: move it into a module")
        task = pickle.dumps((timeout_s, pickle.dumps((function, argument))))
        with self._busy:
            reply = self._reply(task, _name(function), timeout_s)
        result = pickle.loads(reply[1:])
        if reply[:1] == FAILED:
            raise result
        returned: R = result
        return returned

    def close(self) -> None:
        """Kill the process, whatever it does; a task that another thread waits for fails."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        # Its pipes are in use until the other thread has seen that the process is gone.
        with self._busy:
            self._drop()

    def __enter__(self) -> Worker:
        """Give the worker itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the process."""
        self.close()

    def __del__(self) -> None:
        """Kill the process if nobody did."""
        self.close()

    def _reply(self, task: bytes, name: str, timeout_s: float) -> bytes:
        """The answer to a task; without one the process is gone, and the error says why."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        begun = False
        try:
            start_by = time.monotonic() + _START_LIMIT_S
            _send_by(process.stdin.fileno(), framed(task), start_by)
            reply = _receive_by(process.stdout.fileno(), start_by)
            if reply[:1] == BEGUN:
                begun = True
                end_by = time.monotonic() + timeout_s * WALL_FACTOR
                reply = _receive_by(process.stdout.fileno(), end_by)
        except TimeoutError:
            self._drop()
            if begun:
                wall = f"{timeout_s * WALL_FACTOR:g} s by the clock"
                raise TimeoutError(f"{name} took longer than {wall}") from None
            raise GlyphError(f"a worker did not start within {_START_LIMIT_S:g} s") from None
        except (OSError, EOFError):
            code, end = self._drop()
            if begun and code == _OUT_OF_TIME:
                told = f"{name} took longer than {timeout_s:g} s of processor time"
                raise TimeoutError(told) from None
            where = f"in {name}" if begun else f"before {name} began"
            raise GlyphError(f"the worker died {where}: {end}") from None
        except BaseException:
            # Half a message was sent or read: the next task could not be told from it.
            self._drop()
            raise
        return reply

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, started if there is none or if it died while idle."""
        if self._process is not None and self._process.poll() is not None:
            self._drop()
        with self._lock:
            if self._closed:
                raise GlyphError("the worker was closed")
            if self._process is None:
                self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _drop
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _BOOTSTRAP, self._start],
                    # The libraries' own threads would only fight over the same cores.
                    env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
                    | os.environ
                    | {"PYTHONSAFEPATH": "1"},
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._complaints,
                    # Ctrl-C is for the parent, which then kills its workers.
                    start_new_session=True,
                )
                assert self._process.stdin is not None
                os.set_blocking(self._process.stdin.fileno(), False)
            return self._process

    @property
    def _start(self) -> str:
        """What the bootstrap is told."""
        return json.dumps((_HOME, _search_path(), self._memory_bytes))

    def _drop(self) -> tuple[int, str]:
        """Kill and reap the process, let go of its pipes; its exit code, and how it ended."""
        with self._lock:
            process, complaints = self._process, self._complaints
            self._process = self._complaints = None
        if process is None or complaints is None:
            return 0, "closed"
        process.kill()
        # All pipes are closed here, and the last words read.
        with process, complaints:
            code = process.wait()
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            end = complaints.seek(0, os.SEEK_END)
            complaints.seek(max(end - _LAST_WORDS, 0))
            lines = complaints.read().decode("utf-8", "replace").strip().splitlines()
        return code, f"{how} ({lines[-1]})" if lines else how


def run_guarded(
    function: Callable[[T], R],
    argument: T,
    *,
    timeout_s: float,
    memory_bytes: int | None = None,
) -> R:
    """What `function(argument)` returns, or raises, in a process of its own.

    Starting that process takes a few tenths of a second: keep a `Worker` for many tasks.

    Raises:
        TimeoutError: The deadline passed; the process was killed.
        GlyphError: The process died.
    """
    with Worker(memory_bytes=memory_bytes) as worker:
        return worker.run(function, argument, timeout_s)


def map_ordered(
    function: Callable[[T], R],
    items: Iterable[T],
    workers: int,
    timeout_s: float,
    *,
    memory_bytes: int | None = None,
) -> Iterator[R | Exception]:
    """Result of each item in order; the exception itself where an item failed.

    Items are taken only a few ahead of the results. Ending the iteration early, by Ctrl-C or by
    closing it, kills all workers.

    Args:
        function: As for `Worker.run`.
        items: Anything that can be pickled.
        workers: Processes; 0 runs all in this one, without deadline, for debugging.
        timeout_s: Seconds of processor time that one item may take.
        memory_bytes: As for `Worker`.
    """
    if workers <= 0:
        for item in items:
            yield _outcome(function, item)
        return
    everyone = [Worker(memory_bytes=memory_bytes) for _ in range(workers)]
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in everyone:
        idle.put(worker)

    def one(item: T) -> R | Exception:
        worker = idle.get()
        try:
            return _outcome(lambda task: worker.run(function, task, timeout_s), item)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(workers, thread_name_prefix="glyphagent-worker")
    running: deque[Future[R | Exception]] = deque()
    try:
        for item in items:
            running.append(threads.submit(one, item))
            if len(running) >= workers * _TASKS_AHEAD_PER_WORKER:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()
        for worker in everyone:
            worker.close()
        threads.shutdown(wait=True, cancel_futures=True)


def _outcome(function: Callable[[T], R], item: T) -> R | Exception:
    """What a function returns or raises; our own caller sorts the two apart."""
    try:
        return function(item)
    except Exception as error:
        return error


def _send_by(descriptor: int, message: bytes, deadline: float) -> None:
    """Write a message to a pipe that does not block.

    Raises:
        TimeoutError: Not all of it was taken before the deadline.
    """
    rest = memoryview(message)
    while rest:
        _wait(descriptor, select.POLLOUT, deadline)
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(descriptor, rest) :]


def _receive_by(descriptor: int, deadline: float) -> bytes:
    """Read a message from a pipe.

    Raises:
        TimeoutError: Not all of it came before the deadline.
        EOFError: The other side is gone.
    """

    def exactly(length: int) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            _wait(descriptor, select.POLLIN, deadline)
            part = os.read(descriptor, min(length - len(parts), _LARGEST_READ))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    return exactly(length_of(exactly(HEAD_SIZE)))


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Wait until a pipe is ready, without a thread: tasks are short and many.

    Raises:
        TimeoutError: It was not before the deadline.
    """
    poller = select.poll()
    poller.register(descriptor, event)
    left_ms = min(max(deadline - time.monotonic(), 0.0) * 1000, _LONGEST_POLL_MS)
    if not poller.poll(left_ms):
        raise TimeoutError


def _search_path() -> list[str]:
    """The parent's import path without the current folder."""
    here = os.path.realpath(os.curdir)
    return [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


def _name(function: Callable[..., Any]) -> str:
    """Name of a function in messages."""
    return getattr(function, "__qualname__", repr(function))
