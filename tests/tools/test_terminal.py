"""What reaches a terminal, whatever the source holds and whatever stdout can take."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.answer import Answer, Citation
from glyphagent.document import Location
from glyphagent.tools.commands_ask import lines
from glyphagent.tools.terminal import mark, plain, ready_streams, show, write_json

TURNING = "\u061c\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"


@given(st.text())
def test_nothing_unseen_is_left_and_nothing_seen_is_changed(text: str) -> None:
    shown = plain(text)
    assert not set(shown) & set(TURNING)
    assert not any(unicodedata.category(c) == "Cc" for c in shown if c not in "\t\n")
    seen = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"))
    assert plain(seen) == seen


def test_characters_that_turn_the_writing_round_are_spelled_out() -> None:
    assert plain("a\u202eb\u2066c\ufeff") == "a\\u202eb\\u2066c\\ufeff"
    for character in TURNING:
        assert plain(character) == f"\\u{ord(character):04x}"


def test_an_answer_survives_an_encoding_without_its_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    ready_streams()
    places = [Citation(Location("a.py", line, line), verified=line == 1) for line in (1, 2)]
    show(*lines(Answer("LIMIT is \u2192 3", citations=tuple(places), found=True)))
    shown = raw.getvalue().decode("latin-1").splitlines()
    assert shown[0] == "LIMIT is \\u2192 3"
    assert shown[1].startswith("verified a.py:1 ")
    assert shown[2].startswith("unverified a.py:2 ")


def test_a_sign_stays_a_sign_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert mark("✓", "verified") == "✓"


def test_no_json_that_is_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json({"price": float("nan")})
    write_json({"price": 1.5})
    assert json.loads(capsys.readouterr().out) == {"price": 1.5}
