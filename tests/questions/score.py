"""Score answers to questions about projects that nothing here was trained or tuned on.

    python tests/questions/score.py             answers from the source text itself
    python tests/questions/score.py --session   answers from what is read on rendered pages

`questions.jsonl` holds one question a line, with its answer written down by hand for the pinned
version of the project: the lines that must be cited (no others may be; of `a.py:3|a.py:9` one
must), and what the answer must say. What questions about dependencies must cite was established by
`dependency_truth.py`. An answer is right when all of that holds and each citation's quote stands
in the source. A wrong answer that carries a warning is counted apart from one that is silently
wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from glyphagent.answer import Answer, verify
from glyphagent.dependencies import SymbolIndex
from glyphagent.document import Document, Location
from glyphagent.symbolic import answer as answer_from_text

QUESTIONS = Path(__file__).with_name("questions.jsonl")
SUFFIXES = {".py", ".js", ".css"}


@dataclass(frozen=True)
class Project:
    """A held-out project: its distribution, the version that the answers hold for, its folder."""

    distribution: str
    version: str
    package: str
    folder: str = "."


PROJECTS = {
    "requests": Project("requests", "2.34.2", "requests"),
    "httpx": Project("httpx", "0.28.1", "httpx"),
    "jinja2": Project("jinja2", "3.1.6", "jinja2"),
    "werkzeug": Project("werkzeug", "3.1.9", "werkzeug", "debug"),
}


@dataclass(frozen=True)
class Question:
    """A question with what a right answer cites and says."""

    id: str
    project: str
    kind: str
    question: str
    found: bool
    places: tuple[str, ...] | None
    says: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: `right`, `warned` (wrong, but says so) or `silent` (wrong)."""

    id: str
    kind: str
    outcome: str
    faults: tuple[str, ...]
    citations: int
    verified: int


def load() -> list[Question]:
    """Read the questions."""
    found = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        places = None if row["places"] is None else tuple(row["places"])
        found.append(Question(**{**row, "places": places, "says": tuple(row["says"])}))
    return found


def root(project: str) -> Path:
    """Give the folder of an installed project, without importing it."""
    wanted = PROJECTS[project]
    installed = version(wanted.distribution)
    if installed != wanted.version:
        raise RuntimeError(
            f"the answers are for {wanted.distribution} {wanted.version}, "
            f"but {installed} is installed; install with -c constraints.txt"
        )
    spec = find_spec(wanted.package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no package {wanted.package!r} is installed")
    return (Path(spec.origin).parent / wanted.folder).resolve()


@cache
def documents(project: str) -> dict[str, Document]:
    """Read a project's source, by path relative to its folder."""
    folder = root(project)
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix in SUFFIXES and file.is_file():
            path = file.relative_to(folder).as_posix()
            found[path] = Document(path, file.read_bytes().decode("utf-8"))
    return found


def judge(question: Question, answer: Answer, source: Mapping[str, Document]) -> Verdict:
    """Compare an answer with the one written down."""
    faults: list[str] = []
    if answer.found != question.found:
        faults.append(f"found is {answer.found}")
    if not question.found and "not found" not in answer.text.lower():
        faults.append("does not say 'not found'")
    faults += [f"does not say {text!r}" for text in question.says if text not in answer.text]
    spans = [each.location for each in answer.citations]
    if question.places is not None:
        wanted = [_alternatives(place) for place in question.places]
        for place, options in zip(question.places, wanted, strict=True):
            if not any(_holds(span, *option) for option in options for span in spans):
                faults.append(f"does not cite {place}")
        for span in spans if question.found else ():
            if not any(_holds(span, *option) for options in wanted for option in options):
                faults.append(f"cites {span} besides")
    checked = [verify(each, source) for each in answer.citations]
    faults += [f"misquotes {each.location}" for each in checked if not each.verified]
    outcome = "right" if not faults else "warned" if answer.warnings else "silent"
    verified = sum(each.verified for each in checked)
    return Verdict(question.id, question.kind, outcome, tuple(faults), len(checked), verified)


def _alternatives(place: str) -> list[tuple[str, int]]:
    """Path and line of each place of which one has to be cited."""
    parts = (each.rpartition(":") for each in place.split("|"))
    return [(path, int(line)) for path, _, line in parts]


def _holds(span: Location, path: str, line: int) -> bool:
    return span.path == path and span.line_start <= line <= span.line_end


def score(
    questions: Sequence[Question], ask: Callable[[Question], Answer]
) -> tuple[list[Verdict], dict[str, int | float]]:
    """Ask every question and give the verdicts with their sums."""
    verdicts = [judge(each, ask(each), documents(each.project)) for each in questions]
    counts = {
        outcome: sum(each.outcome == outcome for each in verdicts)
        for outcome in ("right", "warned", "silent")
    }
    sums: dict[str, int | float] = {
        "questions": len(verdicts),
        **counts,
        "accuracy": round(counts["right"] / max(len(verdicts), 1), 4),
        "citations": sum(each.citations for each in verdicts),
        "verified": sum(each.verified for each in verdicts),
    }
    return verdicts, sums


@cache
def _index(project: str) -> SymbolIndex:
    texts = {path: document.text for path, document in documents(project).items()}
    return SymbolIndex.build(texts, root_name=root(project).name)


def ask_text(question: Question) -> Answer:
    """Answer from the source text itself: no page, no pixels."""
    index = _index(question.project)
    reply = answer_from_text(question.question, index, index.texts)
    return Answer(reply.text, reply.found, reply.citations, warnings=reply.warnings)


def ask_pages() -> Callable[[Question], Answer]:
    """Answer from rendered pages that the embedded reader reads, one session for each project."""
    from glyphagent.session import Session

    @cache
    def session(project: str) -> Session:
        return Session.open(str(root(project)))

    return lambda question: session(question.project).ask(question.question)


def table(verdicts: Sequence[Verdict]) -> str:
    """Lay the verdicts out by kind, and the wrong ones by name."""
    kinds = sorted({each.kind for each in verdicts})
    lines = [f"{'kind':<12} {'asked':>5} {'right':>5} {'warned':>6} {'silent':>6}"]
    for kind in kinds:
        some = [each.outcome for each in verdicts if each.kind == kind]
        row = [some.count(outcome) for outcome in ("right", "warned", "silent")]
        lines.append(f"{kind:<12} {len(some):>5} {row[0]:>5} {row[1]:>6} {row[2]:>6}")
    for each in verdicts:
        if each.outcome != "right":
            lines.append(f"{each.id} {each.outcome}: {'; '.join(each.faults)}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score from the command line: a table on stderr, JSON on stdout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--session", action="store_true", help="read rendered pages")
    parser.add_argument("--project", choices=sorted(PROJECTS), help="one project only")
    given = parser.parse_args(arguments)
    questions = [each for each in load() if given.project in (None, each.project)]
    verdicts, sums = score(questions, ask_pages() if given.session else ask_text)
    print(table(verdicts), file=sys.stderr)
    print(json.dumps({**sums, "verdicts": [asdict(each) for each in verdicts]}, indent=1))
    return 0 if sums["accuracy"] >= 0.95 and not sums["silent"] else 1


if __name__ == "__main__":
    sys.exit(main())
