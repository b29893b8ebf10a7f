"""Which parts of a conversation become page images, and what never does."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from glyphagent.document import Document
from glyphagent.plugins import load
from glyphagent.profiles import Profile, profile_for, visual_tokens
from glyphagent.raster import png_bytes
from glyphagent.style import Style, preset
from glyphagent.tools import conversation_parts, text_pages
from glyphagent.tools.call_report import CallReport, Limits
from glyphagent.tools.conversation_parts import RECOVER_TOOL, newest_start
from glyphagent.tools.message_tokens import count_tokens
from glyphagent.tools.page_images import PageImages
from glyphagent.tools.text_pages import TextPages
from glyphagent.tools.tool_images import Placement, is_image

PROFILE = profile_for("qwen2.5-vl-7b-instruct")
CODE = "".join(Path(str(m.__file__)).read_text() for m in (conversation_parts, text_pages))
STYLE = replace(preset("grid"), highlight=False)
DRAWER = TextPages()
PROSE = "I would like to know why the retries are counted so strangely in this project. " * 60
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def call(name: str, number: int, **args: Any) -> AIMessage:
    wanted = {"name": name, "args": args, "id": f"call-{number}", "type": "tool_call"}
    return AIMessage("", tool_calls=[wanted], id=f"ai-{number}")


def result(content: Any, number: int, **fields: Any) -> ToolMessage:
    return ToolMessage(content, tool_call_id=f"call-{number}", id=f"tool-{number}", **fields)


def conversation(*contents: Any, name: str = "read_file") -> list[BaseMessage]:
    """A question, then a call and its result for each of these, then two short turns."""
    messages: list[BaseMessage] = [SystemMessage("Rules.", id="s"), HumanMessage("Go.", id="h")]
    for number, content in enumerate(contents):
        messages += [call(name, number, path=f"src/m{number}.py"), result(content, number)]
    return [*messages, AIMessage("Done.", id="a1"), HumanMessage("Thanks.", id="h2")]


def rewritten(
    messages: list[BaseMessage],
    profile: Profile = PROFILE,
    placement: Placement = "user",
    style: Style = STYLE,
    drawer: TextPages = DRAWER,
    **limits: Any,
) -> tuple[list[BaseMessage], CallReport]:
    chosen = Limits(**{"stride": 1, **limits})
    images = PageImages("a-model", profile, style, placement, drawer, chosen, recover=True)
    return images.rewrite(messages)


def pictures(messages: list[BaseMessage]) -> list[str]:
    return [
        block["base64"]
        for message in messages
        for block in message.content
        if isinstance(block, dict) and is_image(block)
    ]


def reason(messages: list[BaseMessage], **options: Any) -> str:
    (decision,) = rewritten(messages, **options)[1].decisions
    return decision.reason


def test_a_long_old_result_becomes_the_pages_of_its_text() -> None:
    messages = conversation(CODE)
    before = copy.deepcopy(messages)
    sent, report = rewritten(messages)
    assert messages == before
    (decision,) = report.decisions
    pages = list(load("renderers", "code")().render([Document("src/m0.py", CODE)], STYLE))
    assert pictures(sent) == [base64.b64encode(png_bytes(page)).decode() for page in pages]
    assert decision.reason == "replaced"
    assert decision.visual_tokens == sum(
        visual_tokens(PROFILE, page.width_px, page.height_px) for page in pages
    )
    assert decision.name == "read_file"
    assert (decision.message, decision.message_id) == (3, "tool-0")
    assert (report.images, report.image_bytes) == (len(pages), decision.size_bytes)
    assert report.tokens_before == count_tokens(messages, PROFILE)
    assert report.tokens_after == count_tokens(sent, PROFILE) < 0.8 * report.tokens_before
    assert json.loads(json.dumps(report.to_dict()))["reasons"] == {"replaced": 1}


def test_the_stub_says_what_is_where_and_how_to_get_it() -> None:
    sent, report = rewritten(conversation(CODE))
    stub = sent[3].text
    (decision,) = report.decisions
    last = CODE.count("\n")
    assert "read_file" in stub
    assert "src/m0.py" in stub
    assert "page 1: lines 1-" in stub
    assert f"-{last})" in stub
    assert RECOVER_TOOL in stub
    assert decision.key in stub


def test_exact_strings_travel_as_text_within_their_share() -> None:
    text = CODE + f"\nDIGEST = '{HASH}'\n" + CODE
    sent, report = rewritten(conversation(text), sidecar_share=0.05)
    (decision,) = report.replaced
    assert HASH in sent[3].text
    assert 0 < decision.sidecar_tokens <= 0.05 * decision.text_tokens + 10
    none = rewritten(conversation(text), sidecar_share=0.0, max_exact_left=1.0)[0][3].text
    assert HASH not in none
    assert "fit; the others by glyph_exact_text" in none


def test_exact_strings_that_do_not_fit_are_counted_or_keep_the_part_as_text() -> None:
    hashes = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(60)]
    text = CODE + "".join(f"# {each}\n" for each in hashes) + CODE
    (decision,) = rewritten(conversation(text))[1].decisions
    assert decision.reason == "many_exact_strings"
    assert re.fullmatch(r"\d+ of \d+ do not fit", decision.detail)
    shown = rewritten(conversation(text), max_exact_left=1.0)[0][3].text
    (fit,) = re.findall(r"Exact strings \((\d+) of \d+ fit; the others by glyph_ex", shown)
    assert 0 < sum(each in shown for each in hashes) <= int(fit) < 60
    whole = rewritten(conversation(text), sidecar_share=0.9, margin=0.1)[0][3].text
    assert all(each in whole for each in hashes)
    assert "Exact strings in it:" in whole


def test_images_go_where_the_provider_takes_them() -> None:
    messages = conversation(CODE, CODE + "\n")
    inline, _ = rewritten(messages, placement="inline")
    assert [m.id for m in inline] == [m.id for m in messages]
    assert pictures([inline[3]])
    moved, _ = rewritten(messages)
    assert not pictures([m for m in moved if isinstance(m, ToolMessage)])
    assert sorted(pictures(moved)) == sorted(pictures(inline))


def test_newest_turns_and_words_stay() -> None:
    messages = conversation(CODE, CODE + "#", CODE + "##")[:-2]
    sent, report = rewritten(messages, keep_turns=2)
    assert [d.reason for d in report.decisions] == ["replaced", "newest_turns", "newest_turns"]
    assert sent[-4:] == messages[-4:]
    kept = [m for m in sent if not isinstance(m, ToolMessage) and (m.id or "").startswith("ai")]
    assert kept == [m for m in messages if isinstance(m, AIMessage)]
    assert sent[:2] == messages[:2]
    every = rewritten(messages, keep_turns=0)[1]
    assert {d.reason for d in every.decisions} == {"replaced"}


def test_a_turn_is_a_step_with_all_its_results() -> None:
    messages = [HumanMessage("x"), call("a", 0), result("1", 0), result("2", 1), AIMessage("x")]
    assert [newest_start(messages, turns) for turns in range(4)] == [5, 4, 1, 0]


def test_turns_become_old_a_stride_at_a_time() -> None:
    turns: list[BaseMessage] = [HumanMessage("x"), *(AIMessage("x") for _ in range(9))]
    starts = [newest_start(turns[:count], 2, 4) for count in range(11)]
    assert starts == [0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 8]


def test_the_same_text_is_shown_once() -> None:
    messages = conversation(CODE, "ok", CODE, CODE + "#")
    sent, report = rewritten(messages)
    assert [d.reason for d in report.decisions] == ["replaced", "short", "repeated", "replaced"]
    first, _, again, _ = report.decisions
    assert first.key == again.key
    assert len(pictures(sent)) == sum(d.pages for d in report.replaced)
    (pointer,) = [m for m in sent if m.id == "tool-2"]
    assert first.key in pointer.text
    assert again.kept_tokens < 60


def test_a_persons_paste_is_replaced_and_the_words_around_it_are_not() -> None:
    asked = f"Please read this first.\n```python\n{CODE}```\nWhat does it do?"
    messages = [HumanMessage(asked, id="h"), *conversation("ok")[2:]]
    sent, report = rewritten(messages)
    content: list[Any] = list(sent[0].content)
    assert [d.kind for d in report.replaced] == ["paste"]
    assert content[0]["text"] == "Please read this first.\n"
    assert content[-1]["text"] == "What does it do?"
    assert [block["type"] for block in content[2:-1]] == ["image"] * (len(content) - 3)
    assert pictures(sent) == pictures([sent[0]])
    letter = "I should like you to read all of it and to tell me what you think of it.\n" * 200
    assert rewritten([HumanMessage(letter), *messages[1:]])[1].replaced == ()


def test_reasons_to_leave_text_alone() -> None:
    marked = [{"type": "text", "text": CODE, "cache_control": {"type": "ephemeral"}}]
    seen = [{"type": "text", "text": CODE}, {"type": "image", "base64": "AAAA"}]
    failed = conversation(CODE)
    failed[3] = result(CODE, 0, status="error")
    dearer = ("word" + " " * 60) * 600  # blanks cost next to nothing as text
    limited = replace(PROFILE, max_images=0)
    tight = replace(PROFILE, max_bytes=2_000)
    small = replace(PROFILE, max_side_px=500)
    light = replace(PROFILE, max_image_bytes=2_000)
    blind = replace(PROFILE, formula="none")
    assert reason(conversation("ok")) == "short"
    assert reason(conversation(marked)) == "annotated"
    assert reason(conversation(seen)) == "has_images"
    assert reason(failed) == "error_result"
    assert reason(conversation(CODE, name="glyph_read_region")) == "exact_tool"
    assert reason(conversation(CODE, name=RECOVER_TOOL)) == "exact_tool"
    assert reason(conversation("\u6f22\u5b57" * 3000)) == "many_escapes"
    assert reason(conversation(dearer)) == "costs_more"
    assert reason(conversation(CODE), profile=limited) == "image_limit"
    assert reason(conversation(CODE * 400), profile=limited) == "image_limit"
    assert reason(conversation(CODE), profile=tight) == "byte_limit"
    assert reason(conversation(CODE), profile=small) == "page_refused"
    assert reason(conversation(CODE), profile=light) == "page_refused"
    assert reason(conversation(CODE), profile=blind) == "text_model"
    assert reason(conversation(CODE), placement="text") == "text_model"
    assert reason(conversation(CODE), profile=profile_for("no-such-model")) == "unknown_model"
    assert reason(conversation(CODE), margin=9.0) == "costs_more"
    assert reason([HumanMessage(PROSE), AIMessage("Yes."), *conversation()[2:]]) == "prose"
    assert reason([HumanMessage(PROSE)]) == "prose"  # new or old
    assert reason([HumanMessage(PROSE[:3500])]) == "short"


def test_what_a_person_wrote_around_a_paste_is_told_apart() -> None:
    message = HumanMessage(f"{PROSE}\n```python\n{CODE}\n```\nAnd now?")
    sent, report = rewritten([message, *conversation()[2:]])
    assert [(d.kind, d.reason) for d in report.decisions] == [
        ("paste", "replaced"),
        ("message", "prose"),
    ]
    assert PROSE.strip() in sent[0].text
    assert sent[0].text.endswith("And now?")


def test_limits_are_kept_oldest_first_and_whole() -> None:
    messages = conversation(*(CODE + "#" * n for n in range(6)))
    each = rewritten(messages)[1].decisions[0]
    for most in range(0, 6 * each.pages, 2):
        sent, report = rewritten(messages, max_images=most)
        assert len(pictures(sent)) <= most
        flags = [d.reason == "replaced" for d in report.decisions]
        assert flags == sorted(flags, reverse=True)  # the oldest first
        assert report.images == len(pictures(sent))
        if most >= each.pages:
            assert sum(flags) == most // each.pages  # whole or not at all
    report = rewritten(messages, max_bytes=each.size_bytes * 2)[1]
    assert 1 <= len(report.replaced) <= 2
    assert report.image_bytes <= each.size_bytes * 2


def test_images_that_are_there_take_room() -> None:
    own = [{"type": "image", "base64": "AAAA", "mime_type": "image/png"}]
    messages = conversation(CODE, own)
    each = rewritten(messages)[1].decisions[0]
    assert rewritten(messages, max_images=each.pages)[1].decisions[0].reason == "image_limit"
    sent, report = rewritten(messages, max_images=each.pages + 1)
    assert len(pictures(sent)) == report.images == each.pages + 1


def test_old_messages_are_the_same_in_every_later_call() -> None:
    texts = [CODE + "#" * n for n in range(7)]
    earlier: list[str] = []
    for count in range(2, 7):
        sent, _ = rewritten(conversation(*texts[:count])[:-2], drawer=TextPages(memory_bytes=0))
        # All but the newest turns, of which one more becomes pages each time.
        now = [message.model_dump_json() for message in sent[: -2 * 2]]
        assert now[: len(earlier)] == earlier
        earlier = now
    assert len(earlier) > 10


def test_threads_and_forgetting_change_nothing() -> None:
    messages = conversation(*(CODE + "#" * n for n in range(4)))
    wanted = rewritten(messages)
    forgetful = TextPages(memory_bytes=100_000)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: rewritten(messages, drawer=forgetful), range(16)))
    assert all(each == wanted for each in found)


def test_colours_change_pixels_and_not_tokens() -> None:
    plain, one = rewritten(conversation(CODE))
    coloured, two = rewritten(conversation(CODE), style=replace(STYLE, highlight=True))
    assert one.tokens_after == two.tokens_after
    assert pictures(plain) != pictures(coloured)


TEXTS = st.builds(
    lambda seed, length: "".join(random.Random(seed).choices(CODE, k=length)),
    st.integers(0, 30),
    st.sampled_from([0, 10, 4000, 9000]),
) | st.sampled_from([CODE, CODE[:5000], "a\n" * 3000, "", "\x00\x1b[0m\ud800 \u6f22" * 700])


@st.composite
def conversations(draw: st.DrawFn) -> list[BaseMessage]:
    """Conversations with batches of calls, pastes, and images of tools."""
    made: list[BaseMessage] = [HumanMessage(draw(TEXTS), id="h")]
    for turn in range(draw(st.integers(0, 5))):
        count = draw(st.integers(0, 3))
        calls = [
            {"name": "look", "args": {"path": f"{n}.py"}, "id": f"{turn}-{n}", "type": "tool_call"}
            for n in range(count)
        ]
        made.append(AIMessage("", tool_calls=calls, id=f"ai-{turn}"))
        for number in range(count):
            text = draw(TEXTS)
            shown = draw(st.booleans())
            block = {"type": "image", "base64": "AAAA", "mime_type": "image/png"}
            content: Any = [{"type": "text", "text": text}, block] if shown else text
            made.append(
                ToolMessage(content, tool_call_id=f"{turn}-{number}", id=f"{turn}.{number}")
            )
        if draw(st.booleans()):
            made.append(HumanMessage(f"```\n{draw(TEXTS)}\n```", id=f"h-{turn}"))
    return made


@settings(max_examples=60)
@given(
    conversations(),
    st.sampled_from(["inline", "user", "text"]),
    st.integers(0, 3),
    st.integers(0, 12),
)
def test_a_rewritten_conversation_is_still_that_conversation(
    messages: list[BaseMessage], placement: Placement, keep_turns: int, most: int
) -> None:
    before = copy.deepcopy(messages)
    sent, report = rewritten(messages, placement=placement, keep_turns=keep_turns, max_images=most)
    assert messages == before
    ours = [m for m in sent if m.id not in {message.id for message in messages}]
    assert [m.id for m in sent if m not in ours] == [m.id for m in messages]
    runs = groupby(sent, key=lambda message: isinstance(message, ToolMessage))
    batches = [[m.id for m in run] for is_tool, run in runs if is_tool]
    runs = groupby(messages, key=lambda message: isinstance(message, ToolMessage))
    assert batches == [[m.id for m in run] for is_tool, run in runs if is_tool]
    if placement != "inline":
        assert not pictures([m for m in sent if isinstance(m, ToolMessage)])
    native = len(pictures(messages))
    drawn = sum(d.pages for d in report.replaced)
    assert drawn <= max(0, most - native)
    if placement == "text":
        assert not pictures(sent)
    else:
        assert len(pictures(sent)) == native + drawn
    saved = sum(d.text_tokens - d.kept_tokens - d.visual_tokens for d in report.replaced)
    assert saved > 0 or not report.replaced
    if not native:  # moved images are announced in words, which cost a little
        assert report.tokens_after <= report.tokens_before
    start = newest_start(messages, keep_turns)
    assert all(d.message < start for d in report.replaced)


@pytest.mark.parametrize("path", ["a\nb\x00.py", "", "x" * 500, "\u202efile.py"])
def test_any_name_of_a_file_can_stand_on_a_page(path: str) -> None:
    drawn = TextPages().draw(path, CODE, STYLE)
    assert drawn.pictures[-1].line_end == CODE.count("\n")
