"""How a command that goes on until somebody ends it comes to its end, nothing half done."""

from __future__ import annotations

import signal
import threading
from typing import Any

from .terminal import Report


class Ends:
    """Signals that end us are heeded where nothing is half done.

    Raised anywhere, they would leave the terminal as the table had it, with its cursor hidden.

    Attributes:
        number: The signal that came; 0 if none did.
    """

    def __init__(self) -> None:
        """Take no signal yet; that begins with `with`."""
        self.number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        """Take the signals, in the main thread."""
        names = ("SIGINT", "SIGTERM", "SIGHUP")
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            before = signal.getsignal(number)
            # One that is ignored (nohup) stays so.
            if before in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = before
                signal.signal(number, self._take)

    def __exit__(self, *error: object) -> None:
        """Give them back."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def heed(self) -> None:
        """End, if a signal came.

        Raises:
            KeyboardInterrupt: It was Ctrl-C.
            SystemExit: It was another one.
        """
        if self.number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.number:
            raise SystemExit(128 + self.number)

    def _take(self, number: int, frame: object) -> None:
        self.number = self.number or number


def cut_off(ending: threading.Event, ends: Ends, report: Report | None) -> Report:
    """What reports progress, and ends work of which nothing half done is left."""

    def told(stage: str, done: int, total: int) -> None:
        if threading.current_thread() is threading.main_thread():
            ends.heed()
        elif ending.is_set():
            raise SystemExit  # a refresh in the background that nobody waits for
        if report is not None:
            report(stage, done, total)

    return told
