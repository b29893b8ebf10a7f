"""`python -m glyphagent.tools.demo`: the main job on a real project, from folder to checked answer.

Takes an installed package, renders it, reads the pages back from their pixels, asks three
questions and checks every citation against the source. No account, no download, no GPU.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import typer

from glyphagent.answer import Answer
from glyphagent.atlas import bundled_atlas
from glyphagent.contact_sheet import sheet_path
from glyphagent.errors import BackendError, GlyphError, SourceError
from glyphagent.page import DOCUMENT, TEXT_START, TEXT_STOP
from glyphagent.plugins import Reader, load
from glyphagent.raster import decode_png
from glyphagent.session import Session
from glyphagent.sources import Source, SourceOptions
from glyphagent.transcript import transcribe

from .commands_ask import lines
from .terminal import Report, note, plain, progress, ready_streams, show, table

DEFAULT_OUT = Path("build/demo")
_QUOTED_LINES = 8


@dataclass(frozen=True, slots=True)
class Project:
    """An installed package that the demo can take.

    Attributes:
        package: Import name.
        questions: Questions about names that it has kept for years, each with words that a
            right answer contains.
    """

    package: str
    questions: tuple[tuple[str, tuple[str, ...]], ...]


# The first one that is installed: httpx comes with langchain-core, typer with the command line.
# httpx is on the list of projects that the embedded reader's training never saw.
PROJECTS = (
    Project(
        "httpx",
        (
            ("What is the signature of create_ssl_context?", ("verify", "trust_env")),
            ("What is the value of DEFAULT_MAX_REDIRECTS?", ("20",)),
            ("Which files import _exceptions.py?", ("_client.py", "_models.py")),
        ),
    ),
    Project(
        "typer",
        (
            ("What is the signature of run?", ("function",)),
            ("Where is the class Typer defined?", ("main.py",)),
            ("Which files import models.py?", ("main.py",)),
        ),
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and give back its exit code: 0 if every answer is right and verified."""
    parser = argparse.ArgumentParser(prog="demo", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the pages")
    ready_streams()
    try:
        return run(parser.parse_args(arguments).out)
    except GlyphError as error:
        note(f"error: {plain(str(error))}")
        return 2
    except typer.Exit as leaving:  # nobody reads on
        return leaving.exit_code
    except KeyboardInterrupt:
        return 130


def run(out: Path) -> int:
    """Render, read, ask and check; the pages stay in `out`."""
    project, folder = chosen()
    begun = time.perf_counter()
    source = Source.open(folder, None, SourceOptions(include=("*.py",)))
    stages = _Stages()
    with stages.shown():
        session = Session.open(source, progress=stages)
        manifest = session.save(out)
    _show_figures(session, project.package, folder)
    note(f"reading {len(session.pages)} pages from their pixels (kept for the next time) ...")
    with stages.shown():
        answers = [session.ask(question) for question, _ in project.questions]
    wrong = 0
    for answer, (question, words) in zip(answers, project.questions, strict=True):
        show("", f"> {question}", *lines(answer))
        wrong += not _right(answer, words)
    number = len(session.pages) // 2
    same = _read_back(session, number, out / manifest.pages[number].file)
    index = sheet_path(out)
    show(
        "",
        f"Look at {index}: all {len(session.pages)} pages, and what stands on each.",
        f"{time.perf_counter() - begun:.0f} seconds in all.",
    )
    if wrong:
        note(f"error: {wrong} of {len(answers)} answers are wrong or not verified")
    if not same:
        note("error: a page read back from its pixels differs from the source by more than 1 %")
    return 1 if wrong or not same else 0


class _Stages:
    """Progress of a session, shown where and when there is a display for it."""

    def __init__(self) -> None:
        self._report: Report | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._report:
            self._report(stage, done, total)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show what happens in the meantime."""
        with progress(quiet=False) as self._report:
            yield
        self._report = None


def chosen() -> tuple[Project, Path]:
    """First project of the list that is installed, and its folder.

    Raises:
        SourceError: If none of them is.
    """
    for project in PROJECTS:
        found = find_spec(project.package)
        if found and found.submodule_search_locations:
            return project, Path(found.submodule_search_locations[0])
    names = ", ".join(project.package for project in PROJECTS)
    raise SourceError(f"the demo needs one of these packages, and none is installed: {names}")


def _show_figures(session: Session, package: str, folder: Path) -> None:
    estimate = session.estimate()
    size = sum(len(document.data) for document in session.documents)
    figures = table(f"{package}: {folder}", "", "")
    figures.add_row("source", f"{len(session.documents)} files, {size / 1000:,.0f} kB")
    figures.add_row("pages", f"{len(session.pages)} of up to 588 x 840 pixels, preset grid")
    figures.add_row("as text", f"{estimate.text_tokens:,} tokens ({estimate.tokenizer})")
    figures.add_row("as pages", f"{estimate.visual_tokens:,} visual tokens ({estimate.model})")
    figures.add_row("compression ratio", f"{estimate.compression_ratio:.2f}")
    seconds = ", ".join(f"{stage} {taken:.2f}" for stage, taken in session.seconds.items())
    figures.add_row("seconds", seconds)
    show(figures)


def _right(answer: Answer, words: Sequence[str]) -> bool:
    """Whether the answer has these words and every citation is confirmed by the source."""
    verified = answer.citations and all(citation.verified for citation in answer.citations)
    shown = " ".join((answer.text, *(str(citation.location) for citation in answer.citations)))
    return answer.found and bool(verified) and all(word in shown for word in words)


def _read_back(session: Session, number: int, file: Path) -> bool:
    """Read a PNG from its pixels alone, show its first lines and compare with the source."""
    reader = load("backends", "local")()
    if not isinstance(reader, Reader):
        raise BackendError("backend 'local' cannot read pages")
    (seen,) = reader.read([decode_png(file)])
    parts = transcribe(seen.codes, bundled_atlas(seen.atlas).characters)
    read = "".join(part.text for part in parts)
    (place, *_) = session.page_locations(number)
    show("", f"{file.name}, read from its pixels alone ({place}):")
    show(*(plain(f"  | {line}") for line in read.strip("\n").split("\n")[:_QUOTED_LINES]))
    drawn = session.pages[number].source_map
    texts = [document.text for document in drawn.documents]
    spans = drawn.spans[:, [DOCUMENT, TEXT_START, TEXT_STOP]].tolist()
    wanted = "".join(texts[document][start:stop] for document, start, stop in spans)
    same = _common(read, wanted)
    show(f"{same:,} of {len(wanted):,} characters as in the source.")
    return (len(wanted) - same) * 100 <= len(wanted)


def _common(first: str, second: str) -> int:
    """Characters that two texts share in the same order."""
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


if __name__ == "__main__":
    sys.exit(main())
