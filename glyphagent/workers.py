"""Processes that can be killed, for work on input that nobody vouches for.

A parser may hang, eat all memory or crash on hostile input, and nothing inside the same process
can stop it. A `Worker` is a process of its own that takes one task after the other; each task
has a deadline, and a worker that misses it, or dies, is replaced. What the tasks do is left to
those who call.

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
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

from glyphagent.errors import GlyphError
from glyphagent.worker_process import BEGUN, FAILED, receive, send

T = TypeVar("T")
R = TypeVar("R")

# Starting includes importing the function's module, on a machine that may be busy.
_START_LIMIT_S = 120.0
_TASKS_AHEAD_PER_WORKER = 2
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
        self._lock = threading.Lock()
        self._closed = False

    def run(self, function: Callable[[T], R], argument: T, timeout_s: float) -> R:
        """What `function(argument)` returns, or raises, in the worker.

        Args:
            function: Importable by its name; not one from `__main__`.
            argument: Anything that can be pickled.
            timeout_s: Seconds that the function may take; starting and importing do not count.

        Raises:
            TimeoutError: The deadline passed; the worker was killed.
            GlyphError: The worker died, or was closed.
        """
        if getattr(function, "__module__", None) == "__main__":
            raise ValueError(f"{function!r} is defined in __main__: move it into a module")
        task = pickle.dumps((timeout_s, pickle.dumps((function, argument))))
        process = self._started()
        with self._deadline(process, _START_LIMIT_S) as late:
            reply = self._exchange(process, task)
        if reply is None:
            what = "did not start in time" if late.is_set() else f"died: {self._end(process)}"
            self._drop(process)
            raise GlyphError(f"a worker {what}, before {_name(function)} began")
        if reply[:1] == BEGUN:
            with self._deadline(process, timeout_s) as late:
                reply = self._exchange(process)
        if reply is None:
            end = self._end(process)
            self._drop(process)
            if late.is_set():
                raise TimeoutError(f"{_name(function)} took longer than {timeout_s:g} s")
            raise GlyphError(f"the worker died in {_name(function)}: {end}")
        if late.is_set():
            # The reply came in the moment of the deadline: it counts, the process is gone.
            self._drop(process)
        result = pickle.loads(reply[1:])
        if reply[:1] == FAILED:
            raise result
        returned: R = result
        return returned

    def close(self) -> None:
        """Kill the process, whatever it does; a task that another thread waits for fails."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()
            self._drop(process)

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

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, started if there is none or if it died while idle."""
        with self._lock:
            if self._closed:
                raise GlyphError("the worker was closed")
            if self._process is not None and self._process.poll() is None:
                return self._process
        if self._process is not None:
            self._drop(self._process)
        start = json.dumps((_HOME, _search_path(), self._memory_bytes))
        # One task each: the libraries' own threads would only fight over the same cores.
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | os.environ
        complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _drop
        with self._lock:
            if self._closed:
                complaints.close()
                raise GlyphError("the worker was closed")
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOTSTRAP, start],
                env=environment | {"PYTHONSAFEPATH": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                # Ctrl-C is for the parent, which then kills its workers.
                start_new_session=True,
            )
            self._complaints = complaints
            return self._process

    def _exchange(self, process: subprocess.Popen[bytes], task: bytes = b"") -> bytes | None:
        """Send a task if there is one, and take the next reply; none if the process ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if task:
                send(process.stdin, task)
            return receive(process.stdout)
        except (OSError, EOFError, ValueError):
            return None
        except BaseException:
            # Half a message was sent or read: the next task could not be told from it.
            process.kill()
            raise

    @contextlib.contextmanager
    def _deadline(
        self, process: subprocess.Popen[bytes], timeout_s: float
    ) -> Iterator[threading.Event]:
        """Kill the process after so many seconds, and say so in the event."""
        late = threading.Event()

        def expire() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(min(timeout_s, threading.TIMEOUT_MAX), expire)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()
            timer.join()

    def _end(self, process: subprocess.Popen[bytes]) -> str:
        """How the process ended, with the last line it wrote."""
        code = process.wait()
        how = f"exit code {code}"
        if code < 0:
            how = f"signal {signal.Signals(-code).name}"
        try:
            assert self._complaints is not None
            self._complaints.seek(0, os.SEEK_END)
            self._complaints.seek(max(self._complaints.tell() - 2000, 0))
            lines = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        except (AssertionError, OSError, ValueError):
            return how
        return f"{how} ({lines[-1]})" if lines else how

    def _drop(self, process: subprocess.Popen[bytes]) -> None:
        """Reap a process and let go of its pipes."""
        process.kill()
        process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
                if self._complaints is not None:
                    self._complaints.close()
        for pipe in (process.stdin, process.stdout):
            # What was not flushed cannot be any more.
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


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
        timeout_s: Seconds that one item may take.
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


def _search_path() -> list[str]:
    """The parent's import path without the current folder."""
    here = os.path.realpath(os.curdir)
    return [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


def _name(function: Callable[..., Any]) -> str:
    """Name of a function in messages."""
    return getattr(function, "__qualname__", repr(function))
