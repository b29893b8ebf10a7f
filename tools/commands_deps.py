"""`glyphagent deps`: who uses whom in a source, with the lines that prove it.

Here are the options and how they become a report; `deps_view` shows a report to people, the
core writes it in the formats for programs.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphagent.errors import SourceError

from .opening import (
    IgnoreOption,
    IncludeOption,
    MaxBytesOption,
    PathArgument,
    RevisionOption,
    named_path,
    open_source,
)
from .output_file import write_output
from .terminal import JsonOption, QuietOption, note, plain, progress, to_terminal, write

if TYPE_CHECKING:
    from glyphagent.dependencies.report import Report
    from glyphagent.sources import Source

_NEEDS_A_FILE = ("html",)


def deps(
    path: PathArgument,
    revision: RevisionOption = None,
    diff: Annotated[
        str | None,
        typer.Option(
            metavar="A..B",
            help="What a change did and can reach: A..B, A...B (since they parted), "
            "or A for A to the files as they lie; EMPTY has no file.",
        ),
    ] = None,
    impact: Annotated[
        bool, typer.Option("--impact", help="The same as --diff HEAD: what is not yet committed.")
    ] = False,
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="json, dot, mermaid, graphml, sarif, html."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(parser=named_path, metavar="FILE", help="Write there instead of stdout."),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option(
            "--of", metavar="FILE", help="Only what is around this file or folder; may repeat."
        ),
    ] = None,
    hops: Annotated[int, typer.Option(min=0, help="How far around --of.")] = 1,
    cycles: Annotated[bool, typer.Option("--cycles", help="Every cycle, with its edges.")] = False,
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="Every import that leads to no file here.")
    ] = False,
    order: Annotated[
        bool, typer.Option("--order", help="All files in reading order: used ones first.")
    ] = False,
    cochange: Annotated[
        bool,
        typer.Option(
            "--cochange",
            help="Files that change together in git's history, or with the one file that PATH is.",
        ),
    ] = False,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--path-between",
            metavar="A B",
            help="Shortest path from A to B; FILE#NAME means a definition.",
        ),
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="'A -> B': A must not use B; 'A => B': nor through others. May repeat.",
        ),
    ] = None,
    layers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYERS", help="'api > service > store': none uses one above it. May repeat."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 1 too if a rule was not wholly checked.")
    ] = False,
    allow_unmatched: Annotated[
        bool, typer.Option("--allow-unmatched", help="A rule's pattern may fit no file.")
    ] = False,
    symbols: Annotated[
        bool,
        typer.Option("--symbols/--no-symbols", help="Calls and references too, or imports alone."),
    ] = True,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Take the files that stdin names, relative to PATH.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Analyses who uses whom in a source, with the lines that prove it.

    JSON: {"nodes", "edges", "symbol_edges", "cycles", "unresolved", "skipped", "errors",
    "revision"}, and what else was asked for: "impact", "tests", "edges_added", "edges_removed",
    "cochange", "broken_rules", "unchecked", "cone", "order", "path", "warnings". Exit code 1
    if a rule is broken, no path leads between two ends, or nothing could be analysed.
    """
    from .deps_reading import Wanted, read_report

    name = _format(format_, as_json, output)
    if diff is not None and (revision is not None or stdin):
        raise SourceError("--diff names its own revisions: leave out --rev and --stdin")
    if impact and diff is not None:
        raise SourceError("--impact is --diff HEAD: name one of the two")
    wanted = Wanted(
        diff="HEAD" if impact else diff,
        of=tuple(of or ()),
        hops=hops,
        order=order,
        cochange=cochange,
        between=between,
        forbid=tuple(forbid or ()),
        layers=tuple(layers or ()),
        allow_unmatched=allow_unmatched,
        symbols=symbols,
        cut=name is not None,
    )
    kept_out = [*(ignore or ()), *_own_file(path, output)]

    def opened(at: str | None, place: Path) -> Source:
        return open_source(place, at, include, kept_out, max_bytes, listed=stdin)

    with progress(quiet) as report_progress:
        report = read_report(path, revision, wanted, opened, report_progress)
    for warning in report.warnings:
        note(plain(f"warning: {warning}"))
    if name is not None:
        _write(report, name, output)
    else:
        from .deps_view import show_report

        show_report(report, wanted, cycles=cycles, unresolved=unresolved)
    if report.broken and name is not None:
        note(f"rules broken: {len(report.broken)}")
    if report.unchecked and name is not None:
        note(f"rules not wholly checked: {len({u.path for u in report.unchecked})} files")
    if report.broken or report.apart or (strict and report.unchecked):
        raise typer.Exit(1)
    if not report.graph.nodes and report.difference is None:
        note(_nothing(path, len(report.graph.skipped)))
        raise typer.Exit(1)


def _format(name: str | None, as_json: bool, output: Path | None) -> str | None:
    """Format to write; none for the view that people read.

    Raises:
        SourceError: There is no such format, or a terminal could not show it.
    """
    from glyphagent.dependencies.formats import FORMATS

    if as_json and name not in (None, "json"):
        raise SourceError(f"--json and --format {name} ask for two things: name one of them")
    name = "json" if as_json else name
    if name is None and output is not None:
        name = output.suffix.lower().lstrip(".").replace("mmd", "mermaid").replace("gv", "dot")
        if name not in FORMATS:
            raise SourceError(f"--output {output}: say what to write, as in --format html")
    if name is not None and name not in FORMATS:
        raise SourceError(f"no format named {name!r}; there are {', '.join(FORMATS)}")
    if name in _NEEDS_A_FILE and output is None and to_terminal():
        raise SourceError(f"--format {name} fills a file: name one, as in --output deps.{name}")
    return name


def _own_file(path: Path, output: Path | None) -> list[str]:
    """Globs that keep the file that we write out of the source."""
    if output is None or not path.is_dir():
        return []
    root = os.path.realpath(path)
    folder, name = os.path.split(output)
    names = {os.path.realpath(output), os.path.join(os.path.realpath(folder), name)}
    inside = sorted(os.path.relpath(each, root).replace(os.sep, "/") for each in names)
    return [
        "/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", each)
        for each in inside
        if each != "." and each.partition("/")[0] != ".."
    ]


def _write(report: Report, name: str, output: Path | None) -> None:
    from glyphagent.dependencies.formats import written

    text = written(report, name)
    if output is None:
        write(text)
        return
    write_output(output, text)
    note(f"written: {plain(str(output))}")


def _nothing(path: Path, skipped: int) -> str:
    left_out = f"; {skipped} files were left out, deps --json lists each" if skipped else ""
    return plain(f"nothing to analyse: no file of a known language in {path}{left_out}")
