"""Results that no request could hold as images: the beginning as pages, the rest as text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from glyphagent.tokens import count_text_tokens
from glyphagent.tools.tool_images import Placement

from .test_page_images import CODE, DRAWER, STYLE, conversation, pictures, reason, rewritten


@pytest.mark.parametrize(
    "limit", [{"max_images": 2}, {"max_images": 9}, {"max_bytes": 120_000}, {"max_images": 40}]
)
@pytest.mark.parametrize("placement", ["user", "inline"])
def test_a_result_longer_than_any_request_is_shown_as_far_as_it_goes(
    limit: dict[str, Any], placement: Placement
) -> None:
    text = CODE * 20
    sent, report = rewritten(conversation(text), placement=placement, **limit)
    (decision,) = report.decisions
    assert decision.reason == "replaced"
    assert 0 < decision.pages == len(pictures(sent)) <= limit.get("max_images", 40)
    assert decision.size_bytes <= limit.get("max_bytes", 10**9)
    found = re.fullmatch(r"lines 1 to (\d+); the rest stays text", decision.detail)
    assert found
    last = int(found[1])
    lines = text.split("\n")
    head, rest = "\n".join(lines[:last]) + "\n", "\n".join(lines[last:])
    stub, said = sent[3].text.split(", the same result goes on as text:]\n")
    assert stub.endswith(f"From line {last + 1} on")
    assert said.startswith(rest)
    drawn = DRAWER.draw("src/m0.py", head, STYLE)
    assert pictures(sent) == [picture.base64 for picture in drawn.pictures]
    assert f"-{last})." in stub
    assert report.tokens_after < report.tokens_before
    assert decision.visual_tokens + decision.kept_tokens < decision.text_tokens
    assert decision.kept_tokens > count_text_tokens([rest])
    again = rewritten(conversation(text), placement=placement, **limit)[0]
    assert pictures(again) == pictures(sent)


def test_a_beginning_must_pay_too_and_must_end_with_a_line() -> None:
    one_line = "x = 1; " * 40_000
    assert reason(conversation(one_line), max_images=3) == "image_limit"
    assert reason(conversation(CODE * 20), max_images=3, margin=9.0) == "costs_more"


def test_a_little_less_room_does_not_draw_a_beginning_anew() -> None:
    text = CODE * 60
    own = [{"type": "image", "base64": "AAAA", "mime_type": "image/png"}]
    first, report = rewritten(conversation(text, own), max_images=40)
    second, _ = rewritten(conversation(text, own, own, own), max_images=40)
    assert report.decisions[0].pages > 20
    assert first[3].content == second[3].content
