"""What the command line writes: data on stdout, progress and errors on stderr.

With `--json` exactly one JSON document goes to stdout; an error leaves stdout empty. Colours
follow the terminal, NO_COLOR and FORCE_COLOR, as rich does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from glyphagent.errors import GlyphError

JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout, nothing else there.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]

Report = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is (0: unknown)."""

_WIDE = 160  # columns of tables that go to a file or a pipe
_CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}
# What does not show, or turns the writing round, so that a line reads as another one.
_UNSEEN = (0x061C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_CONTROLS |= {code: f"\\u{code:04x}" for code in _UNSEEN}


def ready_streams() -> None:
    """Make stdout and stderr take any text, whatever their encoding, and stand closed ones.

    What an encoding lacks is written as an escape: an answer is not lost for a check mark.
    """
    for descriptor in range(3):  # or a file opened later would become stdout
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False, errors="backslashreplace")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(text: str) -> None:
    """Write to stdout; a reader that has gone away ends the command quietly.

    Raises:
        GlyphError: If it cannot be written, as on a full disk.
    """
    with _writing():
        text = text if text.endswith("\n") else f"{text}\n"
        raw = getattr(sys.stdout, "buffer", None)
        if isinstance(raw, io.RawIOBase):
            _write_all(raw, text.encode(sys.stdout.encoding, sys.stdout.errors or "strict"))
        else:
            sys.stdout.write(text)
        sys.stdout.flush()


def _write_all(raw: io.RawIOBase, data: bytes) -> None:
    """Write to an unbuffered stdout (`PYTHONUNBUFFERED`), where Python drops what is left over.

    A disk that fills takes a part of the data first, and only the next write fails.
    """
    rest = memoryview(data)
    while rest:
        taken = raw.write(rest)
        if taken is None:
            select.select([], [raw], [])
        else:
            rest = rest[taken:]


@contextmanager
def _writing() -> Iterator[None]:
    if sys.stdout is None:
        raise GlyphError("cannot write to stdout: it is closed")
    try:
        yield
    except BrokenPipeError:
        discard_stdout()
        raise typer.Exit(0) from None
    except OSError as error:
        discard_stdout()
        raise GlyphError(f"cannot write to stdout: {error.strerror or error}") from error


def discard_stdout() -> None:
    """Let go of what is still buffered, which would raise again when Python shuts down."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document; what is not Unicode (a path's stray byte) goes out escaped."""
    write(json.dumps(document, ensure_ascii=True, indent=2, allow_nan=False))


def show(*items: Table | Text | str) -> None:
    """Write tables and lines for people; a string is taken as it is."""
    if not items:  # or an empty line would stand for them
        return
    width = None if to_terminal() else _WIDE
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)
    with _writing(), console.capture() as captured:  # rich touches stdout even so
        for item in items:
            console.print(item, soft_wrap=not isinstance(item, Table))
    write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def to_terminal() -> bool:
    """Whether stdout is shown to a person rather than kept."""
    return sys.stdout is not None and sys.stdout.isatty()


def plain(text: str) -> str:
    """Text of the source in a form that cannot steer a terminal or mislead its reader.

    Control characters are escaped, and so are those that do not show or turn the writing round.
    """
    return text.translate(_CONTROLS)


def in_line(text: str) -> str:
    """A name of the source as `plain` gives it, and without line ends: it cannot forge a line."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def mark(sign: str, word: str) -> str:
    """A sign, or a word in its place where stdout's encoding has no such sign."""
    try:
        sign.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return word
    return sign


def note(text: str) -> None:
    """Write a line to stderr, if it takes any: there is nowhere else to complain."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def table(title: str, *columns: str) -> Table:
    """An empty plain table; without any column name it has no head."""
    made = Table(title=title or None, box=None, title_justify="left", pad_edge=False)
    made.show_header = any(columns)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


@contextmanager
def progress(quiet: bool) -> Iterator[Report | None]:
    """A function that shows how far a stage is, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bars: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                for bar in bars.values():  # a stage of unknown length ends where another starts
                    shown.update(bar, visible=False)
                bars[stage] = shown.add_task(stage, total=total or None)
            shown.update(bars[stage], completed=done, total=total or None)

        yield report
