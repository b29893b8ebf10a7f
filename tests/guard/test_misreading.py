"""A model that misreads on purpose: none of its errors reaches the user unmarked.

A reduced set of what `python -m tests.guard.evaluate` measures, on projects that the guard was not
developed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from glyphagent.page import Page
from glyphagent.plugins import Chunk, Image
from glyphagent.session import Session
from tests.guard.evaluate import measure
from tests.guard.planting import KINDS
from tests.guard.truths import project


def test_two_hundred_errors_are_marked_and_right_answers_left_alone() -> None:
    score = measure(project("requests"), 100, 100, 1)
    score.add(measure(project("httpx"), 100, 100, 1))
    assert sum(score.planted.values()) == 200
    assert all(score.planted[kind] == 40 for kind in KINDS)
    assert not score.unmarked, score.unmarked[0]
    assert score.correct == 200
    assert len(score.wordings) >= 8
    assert len(score.falsely) <= 4, score.falsely
    assert sum(score.mended.values()) >= 80


class Misreading:
    """A backend that answers what it was told to, whatever the pages show."""

    name = "scripted"
    model = "misreading-1"

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.prompts: list[str] = []

    def prefill(self, images: Sequence[Page | Image]) -> Misreading:
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.prompts.append(prompt)
        for start in range(0, len(self.answer), 7):
            yield Chunk(self.answer[start : start + 7])
        yield Chunk("", 10, 10)


def test_a_session_gives_the_marked_answer_its_claims_and_its_citations(tmp_path: Path) -> None:
    (tmp_path / "prices.py").write_text('RATE = 0.19\nKEY = "9f86d081884c7d65"\n\n\ndef gross():\n')
    backend = Misreading(
        "`RATE` is 0.79 (prices.py:1); `gr0ss` is defined at prices.py:5, and `KEY` is "
        '"9f86d081884c7d66" (prices.py:2). It calls `no_such_thing` (prices.py:900).'
    )
    session = Session.open(tmp_path, backend=backend)
    answer = session.ask("What is RATE?")
    assert "0.19 [corrected from `0.79`]" in answer.text
    assert "`gross` [corrected from `gr0ss`]" in answer.text
    assert '"9f86d081884c7d65" [corrected from `9f86d081884c7d66`]' in answer.text
    assert "`no_such_thing` [unverified" in answer.text
    assert "prices.py:900 [unverified: the document has 5 lines]" in answer.text
    verdicts = {claim.text: claim.status for claim in answer.claims}
    assert verdicts["0.79"] == "corrected"
    assert verdicts["prices.py:1"] == "confirmed"
    assert verdicts["prices.py:900"] == "unverified"
    assert [(c.verified, c.page) for c in answer.citations][:3] == [(True, 0)] * 3
    assert not answer.citations[-1].verified
    assert len(answer.warnings) == 5


def test_after_a_refresh_the_new_source_decides(tmp_path: Path) -> None:
    file = tmp_path / "prices.py"
    file.write_text("RATE = 0.19\n")
    session = Session.open(tmp_path, backend=Misreading("`RATE` is 0.19 (prices.py:1)."))
    assert not session.ask("What is RATE?").warnings
    file.write_text("RATE = 0.21\n")
    session.refresh()
    assert session.ask("What is RATE?").warnings
