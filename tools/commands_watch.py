"""`glyphagent watch`: pages of a folder that is being worked on, fresh at every moment."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from glyphagent.errors import GlyphError

from .changes import change_facts, change_lines, summary
from .ends import Ends, cut_off
from .opening import (
    BudgetOption,
    ConeOption,
    ForOption,
    HopsOption,
    IgnoreOption,
    IncludeOption,
    LayoutOption,
    MapOption,
    MaxBytesOption,
    PathArgument,
    PresetOption,
    ThemeOption,
    check_output,
    named_path,
    nothing_drawn,
    open_source,
    styles_for,
)
from .terminal import QuietOption, in_line, note, plain, progress, table, to_terminal, write

if TYPE_CHECKING:
    from glyphagent.history import Changes
    from glyphagent.refreshing import Refreshing
    from glyphagent.session import Session

_SHOWN_REFRESHES = 12
_SHOWN_PATHS = 3
_TURN_S = 0.5
_AGAIN_S = 5.0  # how soon pages that could not be written are tried again


def watch(
    path: PathArgument,
    preset: PresetOption = None,
    layout: LayoutOption = None,
    theme: ThemeOption = None,
    model: ForOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=named_path, metavar="PATH", help="Keep the pages in this folder as well."
        ),
    ] = None,
    hook: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="Run this in a shell after each refresh; the change comes as JSON on its stdin. "
            "With --json its output goes to stderr.",
        ),
    ] = None,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    cone: ConeOption = None,
    hops: HopsOption = 2,
    budget: BudgetOption = None,
    dependency_map: MapOption = None,
    quiet_ms: Annotated[
        int,
        typer.Option("--settle", min=50, max=60_000, metavar="MS", help="Quiet before a refresh."),
    ] = 400,
    polling: Annotated[
        bool | None,
        typer.Option("--poll/--no-poll", help="Look at regular times; default: if need be."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after so many refreshes.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line on stdout, nothing else there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Keeps the pages of a folder fresh while it is worked on, until Ctrl-C.

    JSON lines: first {"event": "open", "revision", "pages", "documents", "visual_tokens",
    "watching", "notice", "skipped"}; then for each refresh {"event": "refresh", "since",
    "revision", "added", "changed", "removed", "renamed": [{"from", "to"}], "skipped", "pages",
    "documents", "visual_tokens", "pages_new", "pages_kept", "pages_removed", "new_pages",
    "prefix_kept", "pages_moved", "seconds"}; {"event": "fault", "message"} while the folder
    cannot be read or --out not be written, {"event": "notice", "watching", "notice"} when the way
    of watching changes and when a fault is over. Documents, pages and tokens are those of now:
    with several refreshes close together, of the last one.
    """
    from glyphagent.session import Session

    source = open_source(path, None, include, ignore, max_bytes, out=out)
    if out is not None:
        check_output(out)
    styles = styles_for(model, preset, layout, theme, budget)
    ending, ends = threading.Event(), Ends()
    with progress(quiet or as_json) as report:
        session = Session.open(
            source,
            model=model,
            style=styles,
            progress=cut_off(ending, ends, report),
            cone=cone or (),
            hops=hops,
            budget=budget,
            dependency_map=dependency_map,
        )
        if out is not None:
            session.save(out)
    if not session.pages and not as_json:
        note(f"warning: {plain(nothing_drawn(session, path, include, False))}")
    show = _Lines(session) if as_json else _Table(session, plain(str(path)), live=to_terminal())
    pages = _Pages(session, out)
    with (
        ends,
        session.watch(quiet_s=quiet_ms / 1000, polling=polling) as watching,
        contextlib.ExitStack() as last,
        show,
    ):
        last.callback(ending.set)
        show.opened(watching)
        done = 0
        told = ("", watching.status.notice)
        while count is None or done < count:
            changes = watching.wait(_TURN_S)
            ends.heed()
            pages.write(anew=changes is not None)
            fault = watching.fault or pages.fault
            state = fault, watching.status.notice
            if state != told:
                show.state(watching, fault)
                told = state
            if changes is None:
                continue
            done += 1
            show.refreshed(watching, changes)
            if hook is not None:
                with show.aside():
                    _run(hook, changes, ends, aside=as_json)
                ends.heed()


class _Pages:
    """The pages on disk; what cannot be written now, as on a full disk, is tried again.

    Attributes:
        fault: Why they are not those of now; empty if they are.
    """

    def __init__(self, session: Session, out: Path | None) -> None:
        self.fault = ""
        self._session, self._out = session, out
        self._next = 0.0

    def write(self, *, anew: bool) -> None:
        """Write them if there are others now, or the last try failed some time ago."""
        again = self.fault and time.monotonic() >= self._next
        if self._out is None or not (anew or again):
            return
        try:
            self._session.save(self._out)
            self.fault = ""
        except GlyphError as error:
            self.fault = str(error)
            self._next = time.monotonic() + _AGAIN_S


def _run(hook: str, changes: Changes, ends: Ends, *, aside: bool) -> None:
    """Run the user's command with the change on its stdin; its failure is told, not ours.

    Its output goes aside, to stderr, where stdout is for JSON alone.
    """
    facts = json.dumps(change_facts(changes), ensure_ascii=True).encode("ascii")
    environment = {**os.environ, "GLYPHAGENT_REVISION": changes.revision}
    # The command is the user's own, typed on our command line; no name of the source is in it.
    with subprocess.Popen(
        hook,
        shell=True,
        stdin=subprocess.PIPE,
        env=environment,
        stdout=2 if aside else None,
    ) as command:
        given: bytes | None = facts
        while not ends.number:
            try:
                command.communicate(given, timeout=_TURN_S)
                break
            except subprocess.TimeoutExpired:
                given = None  # it is given once; what is left of it is kept and goes on
        else:
            command.kill()
    if command.returncode and not ends.number:
        note(f"warning: --exec: exit code {command.returncode}: {plain(hook)}")


def _held(session: Session) -> dict[str, Any]:
    from glyphagent.profiles import visual_tokens

    now = session.pinned()
    tokens = sum(visual_tokens(now.profile, p.width_px, p.height_px) for p in now.pages)
    return {"documents": len(now.documents), "pages": len(now.pages), "visual_tokens": tokens}


class _Lines:
    """One JSON document a line, for programs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """End."""

    def aside(self) -> contextlib.AbstractContextManager[None]:
        """While something else writes."""
        return contextlib.nullcontext()

    def opened(self, watching: Refreshing) -> None:
        facts = {"event": "open", "revision": self._session.revision, **_held(self._session)}
        facts["watching"], facts["notice"] = watching.status.kind, watching.status.notice
        skipped = self._session.skipped
        facts["skipped"] = [{"path": each.path, "reason": each.reason} for each in skipped]
        self._line(facts)

    def refreshed(self, watching: Refreshing, changes: Changes) -> None:
        facts = {"event": "refresh", **change_facts(changes), **_held(self._session)}
        self._line({**facts, "seconds": round(changes.seconds, 4)})

    def state(self, watching: Refreshing, fault: str) -> None:
        if fault:
            self._line({"event": "fault", "message": fault})
        else:
            status = watching.status
            self._line({"event": "notice", "watching": status.kind, "notice": status.notice})

    def _line(self, facts: dict[str, Any]) -> None:
        write(json.dumps(facts, ensure_ascii=True, allow_nan=False))


class _Table:
    """A table of the last refreshes for people; plain lines where stdout is no terminal."""

    def __init__(self, session: Session, name: str, *, live: bool) -> None:
        self._session, self._name = session, name
        self._rows: list[tuple[str, ...]] = []
        self._state = ""
        self._live = Live(console=Console(highlight=False), auto_refresh=False) if live else None

    def __enter__(self) -> None:
        if self._live is not None:
            self._live.__enter__()

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.__exit__(None, None, None)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else writes: the table makes room, and comes back below that."""
        if self._live is None:
            yield
            return
        self._live.transient = True
        self._live.stop()
        try:
            yield
        finally:
            self._live.transient = False
            self._live.start(refresh=True)

    def opened(self, watching: Refreshing) -> None:
        self._state = self._told(watching, watching.fault)
        if self._live is None:
            write(self._head())
        self._draw()

    def refreshed(self, watching: Refreshing, changes: Changes) -> None:
        import datetime

        held = _held(self._session)
        paths = change_lines(changes, _SHOWN_PATHS)
        row = (
            datetime.datetime.now().strftime("%H:%M:%S"),
            changes.revision[:12],
            f"{held['pages']:,}",
            f"{changes.pages_new:,}",
            f"{held['visual_tokens']:,}",
            f"{changes.seconds:.2f}",
            "; ".join(paths) or summary(changes),
        )
        self._rows = [*self._rows, row][-_SHOWN_REFRESHES:]
        if self._live is None:
            time, revision, pages, new, tokens, seconds, what = row
            write(
                f"{time} revision {revision}: {what} ({new} of {pages} pages new, "
                f"{tokens} visual tokens, {seconds} s)"
            )
        self._draw()

    def state(self, watching: Refreshing, fault: str) -> None:
        said = self._told(watching, fault)
        if said != self._state:
            self._state = said
            if self._live is None:
                write(said)
            self._draw()

    def _head(self) -> str:
        held = _held(self._session)
        return (
            f"watching {self._name}: {held['documents']:,} documents on {held['pages']:,} pages, "
            f"{held['visual_tokens']:,} visual tokens; {self._state}; Ctrl-C ends"
        )

    @staticmethod
    def _told(watching: Refreshing, fault: str) -> str:
        if fault:
            return f"out of date: {in_line(fault)}"
        notice = watching.status.notice
        return plain(notice) if notice else f"by {watching.status.kind}"

    def _draw(self) -> None:
        if self._live is None:
            return
        shown = table(
            "", "time", "revision", "pages", "new", "visual tokens", "seconds", "what changed"
        )
        for row in self._rows:
            shown.add_row(*row)
        self._live.update(Group(Text(self._head()), shown if self._rows else ""), refresh=True)
