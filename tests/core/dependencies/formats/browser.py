"""A real browser for tests, spoken to over two pipes; no driver and no package is needed.

Source: https://chromedevtools.github.io/devtools-protocol/ (`--remote-debugging-pipe`: messages
are JSON, each ended by a zero byte; the browser reads descriptor 3 and writes descriptor 4).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1400,900",
    "--remote-debugging-pipe",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE_S = 120.0


def installed() -> str | None:
    """Path of a browser, or none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Browser:
    """One headless browser with one page; `console` collects what the page complains about."""

    def __init__(self, profile: Path) -> None:
        program = installed()
        assert program is not None
        self.console: list[str] = []
        self._count = 0
        self._buffer = b""
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # The browser wants 3 and 4, whatever numbers our pipes have.
        script = 'exec "$0" "$@" 3<&"$READ_FROM" 4>&"$WRITE_TO"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            env={**os.environ, "READ_FROM": str(theirs_in), "WRITE_TO": str(theirs_out)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        targets = self._ask("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        attached = self._ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session: str | None = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(self, file: Path, hash_: str = "") -> None:
        """Load a page, and wait until it says that it is ready."""
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=file.as_uri() + hash_)
        self.wait("document.body && document.body.dataset.ready === 'yes'")

    def run(self, expression: str) -> Any:
        """Value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + _PATIENCE_S
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"never came true: {condition}"
            time.sleep(0.05)

    def click(self, x: float, y: float, times: int = 1) -> None:
        """Click a point of the page."""
        for count in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.ask(
                    "Input.dispatchMouseEvent",
                    type=kind, x=x, y=y, button="left", clickCount=count,
                )  # fmt: skip

    def type(self, text: str) -> None:
        """Type text where the focus is; a line feed is the enter key."""
        for sign in text:
            if sign == "\n":
                for kind in ("keyDown", "keyUp"):
                    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
                    self.ask("Input.dispatchKeyEvent", type=kind, text="\r", **enter)
            else:
                self.ask("Input.insertText", text=sign)

    def picture(self, file: Path) -> None:
        """Write what the page looks like, as PNG."""
        file.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command for the page and give its answer."""
        return self._ask(method, self._session, **parameters)

    def _ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        said = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.console.append(json.dumps(said["exceptionDetails"]))
        elif event.get("method") == "Log.entryAdded":
            self.console.append(said["entry"]["text"])
        elif event.get("method") == "Runtime.consoleAPICalled" and said["type"] != "log":
            self.console.append(json.dumps(said["args"]))
        elif event.get("method") == "Network.requestWillBeSent":
            url = said["request"]["url"]
            if not url.startswith(("file:", "about:", "data:")):
                self.console.append(f"request for {url}")
        elif event.get("method") == "Page.javascriptDialogOpening":
            self.console.append(f"dialog {said['message']}")

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            assert data, "the browser went away"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message
