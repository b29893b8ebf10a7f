"""What counts as pasted, and that nothing which a person wrote does."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.tools import pastes
from glyphagent.tools.pastes import find_pastes

CODE = Path(pastes.__file__).read_text()
LOG = "".join(
    f"2026-11-22 10:{n // 60:02}:{n % 60:02} INFO worker-{n % 4}: job {n} took {n * 7} ms\n"
    for n in range(80)
)
LISTING = "".join(f"src/app/module_{n}.py:{n * 3}:    return value_{n}\n" for n in range(60))
LETTER = (
    "I would like you to go through the whole of this module and tell me what it is for.\n"
    "Please look at the error handling first, because that is where our users had trouble.\n"
    "Then write down what you would change, in the order in which you would change it.\n\n"
    "  - Do not touch the tests, they belong to another team.\n"
    "  - Keep the public names as they are.\n"
    "1. Start with the parser.\n"
) * 12


def test_a_fenced_block_is_a_paste() -> None:
    before, after = "Look at this:\n", "\nWhat is wrong with it?"
    text = f"{before}```python\n{CODE}```{after}"
    (paste,) = find_pastes(text, 500)
    assert (paste.text, paste.path) == (CODE, "paste.py")
    assert text[: paste.start] == before
    assert text[paste.stop :] == after.removeprefix("\n")


def test_a_fence_may_name_a_file_be_longer_and_stay_open() -> None:
    (paste,) = find_pastes(f"````src/main.rs\n```\n{CODE}", 500)
    assert (paste.text, paste.path) == (f"```\n{CODE}", "src/main.rs")


def test_machine_text_is_a_paste_without_a_fence() -> None:
    for machine in (CODE, LOG, LISTING, json.dumps(list(range(300)), indent=1) + "\n"):
        text = f"Why does this happen to us?\n\n{machine}\nTell me in a few words, please.\n"
        found = find_pastes(text, 500)
        assert sum(len(paste.text) for paste in found) > 0.9 * len(machine)
        assert not any("Why does" in paste.text or "Tell me" in paste.text for paste in found)


def test_a_long_line_is_a_paste_of_many() -> None:
    line = json.dumps({f"key_{n}": n for n in range(6000)})
    (paste,) = find_pastes(f"Why does this happen to us?\n\n{line}\n\nTell me, please.\n", 500)
    assert paste.text.strip() == line


def test_what_a_person_wrote_is_none() -> None:
    assert find_pastes(" ".join(LETTER.split()), 500) == ()  # all on one line
    assert find_pastes(LETTER, 500) == ()


def test_short_pastes_are_left() -> None:
    assert find_pastes("```\nx = 1\n```", 500) == ()
    assert find_pastes(LETTER + "```\nx = 1\n```\n", 500) == ()


@given(
    st.lists(
        st.sampled_from(["```", "~~~~", "```py", CODE[:700], LOG[:900], LETTER[:300], "\n", "x"]),
        max_size=8,
    ).map("\n".join)
)
def test_pastes_are_parts_of_the_text_in_order(text: str) -> None:
    end = 0
    for paste in find_pastes(text, 10):
        assert end <= paste.start <= paste.stop <= len(text)
        assert paste.text in text[paste.start : paste.stop]
        end = paste.stop
