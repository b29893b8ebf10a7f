"""The questions about held-out projects, and the scorer that judges their answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glyphagent.answer import Answer, Citation
from glyphagent.document import Document, Location
from tests.questions.dependency_truth import ASKED, truth
from tests.questions.score import (
    PROJECTS,
    Question,
    ask_text,
    documents,
    judge,
    load,
    main,
    score,
)

QUESTIONS = load()
SOURCE = {"a.py": Document("a.py", "LIMIT = 3\n\ndef go(): ...\n")}
ASKED_ONE = Question("x-1", "x", "value", "What is LIMIT?", True, ("a.py:1",), ("3",))
RIGHT = Answer("LIMIT = 3 at a.py:1", True, (Citation(Location("a.py", 1, 1), quote="LIMIT = 3"),))


def test_the_set_is_broad_enough() -> None:
    assert len(QUESTIONS) >= 40
    assert len({each.id for each in QUESTIONS}) == len(QUESTIONS)
    assert len({each.question for each in QUESTIONS}) == len(QUESTIONS)
    assert len({each.kind for each in QUESTIONS}) >= 8
    assert {each.project for each in QUESTIONS} == set(PROJECTS)
    assert sum(not each.found for each in QUESTIONS) >= 6


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
def test_the_answers_written_down_fit_the_source(question: Question) -> None:
    source = documents(question.project)
    places = [place for each in question.places or () for place in each.split("|")]
    for place in places:
        path, _, line = place.rpartition(":")
        assert source[path].lines(int(line), int(line)).strip()


def test_answers_from_the_source_text() -> None:
    verdicts, sums = score(QUESTIONS, ask_text)
    wrong = [each for each in verdicts if each.outcome != "right"]
    assert sums["accuracy"] >= 0.95, wrong
    assert sums["silent"] == 0, wrong
    assert sums["verified"] == sums["citations"] > 0


def test_what_dependency_questions_must_cite_is_in_the_sources() -> None:
    """The edges were established without anything of ours, and hold for the pinned versions."""
    asked = {each.id: each for each in QUESTIONS if each.id in ASKED}
    assert len(asked) == len(ASKED) >= 12
    assert {each.project for each in asked.values()} == set(PROJECTS)
    for name, question in asked.items():
        assert question.places is not None
        assert list(question.places) == truth(question.project, ASKED[name]), name
        assert question.found == bool(question.places)


def test_of_alternatives_one_has_to_be_cited() -> None:
    either = replace(ASKED_ONE, places=("a.py:3|a.py:1",))
    assert judge(either, RIGHT, SOURCE).outcome == "right"
    assert judge(replace(either, places=("a.py:3|a.py:2",)), RIGHT, SOURCE).faults == (
        "does not cite a.py:3|a.py:2",
        "cites a.py:1 besides",
    )


def test_a_right_answer_is_right() -> None:
    verdict = judge(ASKED_ONE, RIGHT, SOURCE)
    assert (verdict.outcome, verdict.faults) == ("right", ())
    assert (verdict.citations, verdict.verified) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (replace(RIGHT, found=False), "found is False"),
        (replace(RIGHT, text="LIMIT is 4"), "does not say '3'"),
        (replace(RIGHT, citations=()), "does not cite a.py:1"),
        (
            replace(RIGHT, citations=(*RIGHT.citations, Citation(Location("a.py", 3, 3)))),
            "cites a.py:3 besides",
        ),
        (
            replace(RIGHT, citations=(Citation(Location("a.py", 1, 1), quote="LIMIT = 4"),)),
            "misquotes a.py:1",
        ),
    ],
)
def test_every_fault_is_seen_and_silent_without_a_warning(answer: Answer, fault: str) -> None:
    verdict = judge(ASKED_ONE, answer, SOURCE)
    assert (verdict.outcome, verdict.faults) == ("silent", (fault,))
    assert judge(ASKED_ONE, replace(answer, warnings=("unsure",)), SOURCE).outcome == "warned"


def test_what_is_absent_must_be_called_not_found() -> None:
    absent = replace(ASKED_ONE, found=False, places=(), says=())
    assert judge(absent, Answer("Not found: no LIMIT.", False), SOURCE).outcome == "right"
    assert judge(absent, Answer("It is 3.", False), SOURCE).outcome == "silent"
    assert judge(absent, RIGHT, SOURCE).outcome == "silent"


def test_the_command_prints_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", "requests"]) == 0
    shown = capsys.readouterr()
    assert '"accuracy": 1.0' in shown.out
    assert "definition" in shown.err
