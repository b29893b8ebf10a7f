"""Polling: no hints at all, so everything is looked at again and again.

A rescan by the sources' own rules looks at the files that count; watchdog's polling observer
would look at every file, ignored ones included, only to ask for the same rescan.
"""

from __future__ import annotations

import threading

from glyphagent.watching.signs import Signs


class NoHints:
    """Waits, and hears nothing."""

    kind = "polling"
    folders = 0

    def __init__(self) -> None:
        """Nothing is opened."""
        self._woken = threading.Event()

    def rebuild(self) -> None:
        """Nothing to do."""

    def read(self, pause_s: float, signs: Signs) -> None:
        """Wait."""
        self._woken.wait(max(0.0, pause_s))

    def alive(self) -> bool:
        """Nothing can die."""
        return True

    def wake(self) -> None:
        """End `read` at once."""
        self._woken.set()

    def close(self) -> None:
        """Nothing to give back."""
