"""`ChatGlyph` over pages of a source that is known: its answers are held against that source."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel

from glyphagent.session import Session
from glyphagent.tools import ChatGlyph
from glyphagent.tools.answer_guard import FACTS

from .scripted_backend import Scripted, over

RIGHT = "`LIMIT = 250` stands in app/prices.py:5."
WRONG = "`LIMIT = 260` stands in app/prices.py:5."


def page(session: Session, number: int = 0) -> list[dict[str, Any]]:
    """A page with its places, as `glyph_read_page` and its kind give it."""
    places = ", ".join(map(str, session.page_locations(number)))
    encoded = base64.b64encode(session.page_png(number)).decode()
    return [
        {"type": "text", "text": f"Page {number}: {places}"},
        {"type": "image", "base64": encoded, "mime_type": "image/png"},
    ]


def test_a_model_s_answer_is_checked_whole(session: Session) -> None:
    chat = over(Scripted(WRONG), guard=session)
    question = [HumanMessage([*page(session), {"type": "text", "text": "What is the limit?"}])]
    answer = chat.invoke(question)
    assert "`LIMIT = 250` [corrected from `LIMIT = 260`]" in answer.text
    facts = answer.additional_kwargs[FACTS]
    assert (facts["status"], facts["original"]) == ("corrected", WRONG)
    assert answer.usage_metadata == {
        "input_tokens": 100,
        "output_tokens": len(WRONG),
        "total_tokens": 100 + len(WRONG),
    }
    chunks = list(chat.stream(question))
    assert [c.text for c in chunks if c.text] == [answer.text]
    whole = asyncio.run(chat.ainvoke(question))
    assert (whole.text, whole.additional_kwargs) == (answer.text, answer.additional_kwargs)


def test_a_right_answer_stays_and_without_a_session_nothing_is_checked(session: Session) -> None:
    right = over(Scripted(RIGHT), guard=session).invoke("What is the limit?")
    assert right.text == RIGHT
    assert right.additional_kwargs[FACTS]["status"] == "confirmed"
    free = over(Scripted(WRONG)).invoke("What is the limit?")
    assert (free.text, free.additional_kwargs) == (WRONG, {})


def test_the_model_sees_its_own_words_again(session: Session) -> None:
    backend = Scripted(WRONG)
    chat = over(backend, guard=session)
    first = chat.invoke("What is the limit?")
    chat.invoke([HumanMessage("What is the limit?"), first, HumanMessage("Sure?")])
    assert f"Assistant: {WRONG}\n" in backend.prompts[-1]


def test_what_was_not_checked_closes_the_text_but_no_data(session: Session) -> None:
    loose = f"{RIGHT} Such a limit suits e.g. `small_shops`."
    told = over(Scripted(loose), guard=session).invoke("What is the limit?")
    assert told.text.startswith(loose)
    assert told.text.endswith("nothing to hold it against: `small_shops`]")
    assert told.additional_kwargs[FACTS]["original"] == loose
    again = over(Scripted(told.text), guard=session).invoke("What is the limit?")
    assert again.text == told.text  # passed on, it is written once
    data = '{"limit": "250, e.g. for `small_shops` (app/prices.py:5)"}'
    assert over(Scripted(data), guard=session).invoke("What is the limit?").text == data


class Found(BaseModel):
    """What was found."""

    limit: str


def test_structured_output_is_not_marked(session: Session) -> None:
    chat = over(Scripted('{"limit": "`LIMIT = 260` in app/prices.py:5"}'), guard=session)
    found = chat.with_structured_output(Found).invoke("What is the limit?")
    assert found == Found(limit="`LIMIT = 260` in app/prices.py:5")


def test_what_the_embedded_reader_looked_up_is_compared_with_the_source(
    folder: Path, session: Session
) -> None:
    asked = [
        HumanMessage([*page(session), {"type": "text", "text": "What is the value of LIMIT?"}])
    ]
    right = ChatGlyph(guard=session).invoke(asked)
    assert "[unverified" not in right.text
    facts = right.additional_kwargs[FACTS]
    assert facts["status"] == "confirmed"
    assert facts["citations"][0]["path"] == "app/prices.py"
    prices = folder / "app" / "prices.py"
    prices.write_text(prices.read_text().replace("250", "999"))
    stale = ChatGlyph(guard=Session.open(folder)).invoke(asked)  # the pages are of before
    assert "[unverified: app/prices.py:5: what is quoted is not what the source has" in stale.text
    assert stale.additional_kwargs[FACTS]["status"] == "unverified"
    assert isinstance(stale, AIMessage)
    with pytest.raises(KeyError):
        _ = ChatGlyph().invoke(asked).additional_kwargs[FACTS]
