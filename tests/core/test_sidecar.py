"""Exact tokens that travel as text beside pages: which, how many, and where they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.page import Page
from glyphagent.plugins import Chunk, Image
from glyphagent.session import Session
from glyphagent.sidecar import SHARE, Sidecar, every_hard_token, hard_tokens
from glyphagent.tokens import count_text_tokens

TEXT = """\
url = "https://example.org/a/b?c=1"
RATE = 0.19
MAX_SIZE: int = 4096
#define LIMIT 77
{"version": "1.2.3-rc1"}
id = "123e4567-e89b-12d3-a456-426614174000"
commit = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
count = 1234567; run("--no-verify-ssl")
again = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
deadbeef = facade + 42
"""


def test_shapes_come_by_the_harm_that_a_misreading_does_each_once() -> None:
    assert hard_tokens(TEXT, 1.0) == (
        "123e4567-e89b-12d3-a456-426614174000",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "RATE=0.19",
        "MAX_SIZE=4096",
        "LIMIT=77",
        "1.2.3-rc1",
        "1234567",
        "--no-verify-ssl",
        "https://example.org/a/b?c=1",
    )


@given(st.text(alphabet="0123456789abcdefX=_.- \n\"'", max_size=600), st.floats(0, 1))
def test_they_stay_within_the_share(text: str, share: float) -> None:
    kept = hard_tokens(text, share)
    assert count_text_tokens(["; ".join(kept)]) <= max(count_text_tokens([text]) * share, 0)
    assert len(set(kept)) == len(kept)
    assert kept == hard_tokens(text, share)


@pytest.mark.parametrize("text", ["", "words only, in plain English.\n" * 50, "facade deadbeef\n"])
def test_plain_text_has_none(text: str) -> None:
    assert hard_tokens(text, 1.0) == ()


class Listening:
    """A backend that keeps what it was asked."""

    name = "scripted"
    model = "listening-1"

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def prefill(self, images: Sequence[Page | Image]) -> Listening:
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        self.prompts.append(prompt)
        yield Chunk("not found")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    filler = "".join(f"def step_{n}(state):\n    return state.advance()\n\n" for n in range(300))
    (folder / "a.py").write_text(f'BUILD = "9f86d081884c7d65"\nRATE = 0.19\n{filler}')
    (folder / "b.py").write_text(filler.replace("step", "other") + "LIMIT = 4096\n")
    return folder


def test_a_page_set_has_them_beside_it_and_a_model_gets_them_with_the_question(
    project: Path, tmp_path: Path
) -> None:
    backend = Listening()
    session = Session.open(project, backend=backend)
    session.save(tmp_path / "pages")
    written = (tmp_path / "pages" / "sidecar.txt").read_text()
    assert "9f86d081884c7d65" in written
    assert "RATE=0.19" in written
    assert "LIMIT=4096" in written
    session.ask("What is RATE?")
    (prompt,) = backend.prompts
    assert written.rstrip() in prompt
    assert "read_region" in prompt
    assert prompt.endswith("Question: What is RATE?")
    cost = count_text_tokens([written])
    assert cost <= SHARE * session.estimate().text_tokens


def test_each_page_has_its_own_and_a_token_comes_once(project: Path) -> None:
    session = Session.open(project)
    sidecar = Sidecar.of(session.pages, session.documents)
    assert len(sidecar.pages) == len(session.pages)
    tokens = [token for page in sidecar.pages for token in page]
    assert len(set(tokens)) == len(tokens)
    assert sidecar == Sidecar.of(session.pages, session.documents)


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    numbers = [str(n * n + 10_000) for n in range(400)]
    (tmp_path / "a.py").write_text("".join(f"go({each})\n" for each in numbers))
    session = Session.open(tmp_path)
    sidecar = Sidecar.of(session.pages, session.documents)
    given = sum(map(len, sidecar.pages))
    assert given + sidecar.left == len(every_hard_token("\n".join(numbers))) == 400
    assert sidecar.text.endswith(
        f"\u2026 {400 - given} more are only on the pages: read_region gives them\n"
    )
    whole = Sidecar.of(session.pages, session.documents, share=4.0)
    assert sum(map(len, whole.pages)) + whole.left == 400
