"""Right answers in natural prose about real projects, written by hand from their source.

A file under `prose/` is about one project at one version: `%project NAME VERSION`, then for each
answer `%% QUESTION` and the answer. `prose/development` is what the guard was worked on with;
`prose/unseen` was written before that work and scored after it; `prose/fresh` was written later,
about other projects and without reading the guard. Both have been worked on since and are
development material now. `prose/blind` was written next, before its writer read the guard, and is
scored once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.guard.truths import Project, project

FOLDER = Path(__file__).parent / "prose"


@dataclass(frozen=True)
class Written:
    """A question and a right answer to it."""

    project: str
    question: str
    text: str


@dataclass(frozen=True)
class Shelf:
    """The answers about one project.

    Attributes:
        name: The project.
        release: The version that they are about.
        answers: The answers.
    """

    name: str
    release: str
    answers: tuple[Written, ...]

    @property
    def fits(self) -> bool:
        """Whether the installed version is the one that the answers cite lines of."""
        return version(self.name) == self.release

    @property
    def source(self) -> Project:
        return project(self.name)


def shelves(part: str) -> list[Shelf]:
    """All answers of a folder of `prose/`, by project."""
    return [_read(path) for path in sorted((FOLDER / part).glob("*.txt"))]


def _read(path: Path) -> Shelf:
    head, *pieces = re.split(r"^%% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = re.match(r"%project (\S+) (\S+)", head)
    assert found is not None, f"{path} does not say what it is about"
    name, release = found.groups()
    answers = []
    for piece in pieces:
        question, _, text = piece.partition("\n")
        answers.append(Written(name, question.strip(), text.strip()))
    return Shelf(name, release, tuple(answers))
