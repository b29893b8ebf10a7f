"""What the command line writes: data on stdout, progress and errors on stderr.

With `--json` exactly one JSON document goes to stdout; an error leaves stdout empty. Colours
follow the terminal, NO_COLOR and FORCE_COLOR, as rich does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

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


def write(text: str) -> None:
    """Write to stdout; a reader that has gone away ends the command quietly."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would raise again when Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def write_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document; what is not Unicode (a path's stray byte) goes out escaped."""
    write(json.dumps(document, ensure_ascii=True, indent=2))


def show(*items: Table | Text | str) -> None:
    """Write tables and lines for people; a string is taken as it is."""
    width = None if sys.stdout.isatty() else _WIDE
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)
    with console.capture() as captured:
        for item in items:
            console.print(item, soft_wrap=not isinstance(item, Table))
    write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def to_terminal() -> bool:
    """Whether stdout is shown to a person rather than kept."""
    return sys.stdout.isatty()


def plain(text: str) -> str:
    """Text of the source in a form that cannot steer a terminal: control characters escaped."""
    return text.translate(_CONTROLS)


def note(text: str) -> None:
    """Write a line to stderr."""
    print(text, file=sys.stderr)


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
