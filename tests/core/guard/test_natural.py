"""Answers as chat models write them: what is no claim about the source, and what still is one."""

# ruff: noqa: RUF001 - punctuation of other scripts is what is tested

from __future__ import annotations

import pytest

from glyphagent.document import Document
from glyphagent.guard import Guard

CLIENT = '''\
"""A client: see https://docs.example.org/client for re-try-safe use."""

import ssl

DEFAULT_TIMEOUT = 30
MAX_BYTES = 16 * 1024
MODES = ("keep-alive", "no-cache")


class Region:
    """A region of the world."""

    def __init__(self, name: str, verify: bool = True, max_retries: int = 5) -> None:
        self.name = name
        self.verify = verify

    def close(self, quietly: bool = False) -> bool:
        """Close it; new in 2.3."""
        if quietly:
            return False
        raise RuntimeError(
            f"Region {self.name} is not open, so that "
            "it cannot be closed."
        )

    def lookup(self, key: str) -> str | None:
        if key in self.names:
            return self.names[key]
        return None


def send_all(regions, chunk_size=64):
    for region in regions:
        region.close()
'''
GUARD = Guard({"net/client.py": Document("net/client.py", CLIENT)}, "world")


def told(text: str, question: str = "") -> str:
    return GUARD.check(text, question).text


@pytest.mark.parametrize(
    "text",
    [
        "`Region` is defined at `net\\client.py:10`.",
        "See [client.py](net/client.py#L10) for `Region`, "
        "or [net/client.py#L10-L11](net/client.py#L10).",
        "`Region` 定义于 net/client.py:10，`DEFAULT_TIMEOUT` 为 30秒（net/client.py:5）。",
        "默认超时为 30 秒，由 `DEFAULT_TIMEOUT` 定义（`net/client.py:5`）。",
        "Pass `verify=False` to `Region` (net/client.py:13) if you must.",
        "You would write `Region('eu', max_retries=2)`, see net/client.py:13.",
        "There is no `open_now` in `Region` (net/client.py:10); it doesn't define `reopen` either.",
        "It raises `Region eu is not open, so that it cannot be closed.` (net/client.py:22-25).",
        'It raises "Region ... is not open, so that ..." (net/client.py:22-25).',
        "Buffers hold 16 KiB (`MAX_BYTES`, net/client.py:6), over HTTP/1.1, on Python 3.9+.",
        "`close` returns `False` if `quietly` is set (net/client.py:18-21).",
        "Compared with Django's `SuspiciousOperation`, see https://docs.djangoproject.com/en/5.0/.",
        "`DEFAULT_TIMEOUT` is 30 (net/client.py:5), and `send_all` takes `chunk_size`.",
        "In `close` (net/client.py:18-25) the `RuntimeError` is raised.",
        "| Name | Value | Where |\n|---|---|---|\n| `DEFAULT_TIMEOUT` | 30 | net/client.py:5 |",
        "Use it so:\n\n```python\nfrom world.net.client import Region, send_all\n\n"
        "mine = Region('eu', verify=False, max_retries=7)\nmine.close(quietly=True)\n"
        "send_all([mine], chunk_size=8)\n```",
        "Install it first:\n\n```bash\npip install world\nexport WORLD_KEY=abc\n```",
    ],
)
def test_what_says_nothing_wrong_of_the_source_stays(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "`Region` is defined at `net\\client.py:4`.",
        "`Region` is defined at `net\\cliemt.py:10`.",
        "默认超时为 36秒，由 `DEFAULT_TIMEOUT` 定义（`net/client.py:5`）。",
        "`region` is defined at net/client.py:10.",
        "`close` returns `True` if `quietly` is set (net/client.py:18-21).",
        "`lookup` returns `False` for an unknown key (net/client.py:27-30).",
        "Pass `verfy=False` to `Region` (net/client.py:13).",
        "`Region` has `verify=False` (net/client.py:13).",
        "There is no `max_retires` in `Region` (net/client.py:10).",
        "It raises `Region eu is not opened, so that it cannot be closed.` (net/client.py:22-25).",
        'It raises "Region ... is not shut, so that ..." (net/client.py:22-25).',
        "Buffers hold 18 KiB (`MAX_BYTES`, net/client.py:6).",
        'One mode is `"keep-aline"` (net/client.py:7).',
        'One mode is "re-try" (net/client.py:7).',
        "Use it so:\n\n```python\nfrom world.net.client import Regoin\n```",
        "Use it so:\n\n```python\nfrom world.net.client import Region\n\n"
        "mine = Region('eu', max_retires=7)\n```",
        "Use it so:\n\n```python\nfrom world.net.client import Region\n\n"
        "mine = Region('eu')\nmine.open_quickly()\n```",
        "See https://docs.example.org/cliemt for more.",
        "| Name | Value | Where |\n|---|---|---|\n| `DEFAULT_TIMEOUT` | 36 | net/client.py:5 |",
    ],
)
def test_what_is_wrong_of_the_source_is_marked(text: str) -> None:
    assert GUARD.check(text).warnings
    assert "[corrected" in told(text) or "[unverified" in told(text)


def test_a_long_sentence_takes_time_as_its_length_does() -> None:
    names = [f"`made_up_{n}`" for n in range(1500)]
    text = f"It uses {', '.join(names)} (net/client.py:10)."
    assert told(text).count("[unverified") >= 1500


@pytest.mark.parametrize(
    "text",
    [
        "net/client.py:1: `def get(self)`",
        "1. net/client.py:1, method `Client.get`: `def get(self)`",
        "In `net/client.py` on line 1 stands `def get(self)`.",
        "`get` itself is defined at net/client.py:1 as `def get(self)`.",
        "`net/client.py` imports `sleep` from `time` at net/client.py:2.",
    ],
)
def test_a_quoted_header_or_a_told_import_holds_its_citation(text: str) -> None:
    source = (
        "import time\nfrom time import time\n\n\nclass Client:\n    def get(self):\n"
        "        pass\n\n\n"
        "class Other:\n    def get(self):\n        return time.sleep\n"
    )
    guard = Guard({"net/client.py": Document("net/client.py", source)}, "net")
    assert "[" in guard.check(text).text
    right = "net/client.py:6: `def get(self)`"
    assert guard.check(right).text == right


@pytest.mark.parametrize(
    "text",
    [
        "Pass `--buf-size 64` or `-q` (tool/main.py:4), then `--app NAME`.",
        "`main` (tool/main.py:1-5) reads `TOOL_<NAME>`; on Python older than 3.10 it fails.",
        "The header `Accept` is sent by `main` (tool/main.py:1-5), see `ACCEPTED`.",
        "Since `isinstance(main, int)` is `False`, `main` (tool/main.py:1) can be called.",
        "There is neither `await` nor `yield` in it: `parse` gives `flags` (tool/main.py:2).",
    ],
)
def test_what_programs_and_languages_take_is_not_marked(text: str) -> None:
    source = (
        "def main(parse):\n    flags = parse('--buf_size', '-q', '--app')\n"
        "    headers = {'accept': True}\n    return '-q', flags, headers\n\n\nACCEPTED = 'Accept'\n"
    )
    guard = Guard({"tool/main.py": Document("tool/main.py", source)}, "tool")
    assert guard.check(text).text == text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('It is set once: `SIZES = ("",)` (tool/sizes.py:1).', '`SIZES = ("",)` ['),
        ("Line 3 reads `Big class` (tool/sizes.py:3).", "`Big class` ["),
    ],
)
def test_a_statement_or_header_that_was_changed_is_marked(text: str, wrong: str) -> None:
    source = 'SIZES = ("small",)\nMOST: int = 9\nclass Big:\n    pass\n'
    guard = Guard({"tool/sizes.py": Document("tool/sizes.py", source)}, "tool")
    assert wrong in guard.check(text).text
    right = "It is set once: `MOST = 9` (tool/sizes.py:2)."
    assert guard.check(right).text == right
