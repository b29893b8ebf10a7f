"""The inside of a worker: what runs in the process that `workers` starts, and how both talk.

A message is its length and its bytes. To each task, pickled, come two replies: that its function
was imported and begins, then one letter and the pickled result or exception.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct
from typing import IO

from glyphagent.errors import GlyphError

BEGUN, DONE, FAILED = b"b", b"d", b"f"

# A task may last so many times its deadline by the clock: on a busy machine one that is fine gets
# a tenth of a processor, and only one that waits for what never comes may be given up.
WALL_FACTOR = 10.0
# A worker whose parent was killed ends itself this long after its task's last moment.
_ORPHAN_GRACE_S = 5.0
_SHORTEST_ALARM_S = 1e-3
_LONGEST_ALARM_S = 1e6
_LENGTH = struct.Struct("<Q")
HEAD_SIZE = _LENGTH.size


def framed(message: bytes) -> bytes:
    """A message as it travels."""
    return _LENGTH.pack(len(message)) + message


def length_of(head: bytes) -> int:
    """Length of the message that follows a head of `HEAD_SIZE` bytes."""
    length: int = _LENGTH.unpack(head)[0]
    return length


def _send(stream: IO[bytes], message: bytes) -> None:
    """Write one message."""
    stream.write(framed(message))
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """Read one message.

    Raises:
        EOFError: The other side is gone.
    """
    head = stream.read(HEAD_SIZE)
    if len(head) < HEAD_SIZE:
        raise EOFError
    message = stream.read(length_of(head))
    if len(message) < length_of(head):
        raise EOFError
    return message


def serve(memory_bytes: int | None) -> None:
    """Take tasks from stdin until it ends; the worker's whole life."""
    tasks, replies = _own_pipes()
    _limit(memory_bytes)
    while True:
        try:
            timeout_s, task = pickle.loads(_receive(tasks))
        except EOFError:
            return
        try:
            function, argument = pickle.loads(task)
            _send(replies, BEGUN)
            _alarm(timeout_s)
            reply = DONE + pickle.dumps(function(argument), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            reply = FAILED + _pickled(error)
        finally:
            _alarm(None)
        _send(replies, reply)


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Both pipes for us alone: what a task prints, or reads, must not touch them."""
    tasks = open(os.dup(0), "rb")  # noqa: SIM115 - open as long as the process lives
    replies = open(os.dup(1), "wb")  # noqa: SIM115 - the same
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return tasks, replies


def _limit(memory_bytes: int | None) -> None:
    """Bound the memory where the system can, and leave no core files."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _alarm(timeout_s: float | None) -> None:
    """Let the system end this process, even in a C loop, at its task's deadline.

    `SIGPROF` comes when its processor time is used up, `SIGALRM` when nobody was there to end it.
    """
    if not hasattr(signal, "setitimer"):
        return
    ends = {signal.SIGPROF, signal.SIGALRM}
    for end in ends:
        signal.signal(end, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
    cpu_s = wall_s = 0.0  # which disarms
    if timeout_s is not None:
        cpu_s = min(max(timeout_s, _SHORTEST_ALARM_S), _LONGEST_ALARM_S)
        wall_s = min(timeout_s * WALL_FACTOR, _LONGEST_ALARM_S) + _ORPHAN_GRACE_S
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    signal.setitimer(signal.ITIMER_REAL, wall_s)


def _pickled(error: Exception) -> bytes:
    """The exception if it survives the journey, else one that says the same."""
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
    except Exception:
        return pickle.dumps(GlyphError(f"{type(error).__name__}: {error}"))
    return data
