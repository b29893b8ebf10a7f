"""What page images save on a recorded agent transcript, per profile; run by `make bench`.

A short transcript is measured with every test run, one of 200,000 text tokens by `make bench`,
which writes the results. Token figures do not depend on the machine; of the times only ratios to
counting the same messages mean something.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import BaseMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

from glyphagent import tokens
from glyphagent.profiles import PROFILES, UNKNOWN, CacheRules, Profile, profile_for
from glyphagent.tools.call_report import CallReport, Limits
from glyphagent.tools.message_tokens import count_tokens, message_tokens
from glyphagent.tools.middleware import PageImageMiddleware
from glyphagent.tools.text_pages import TextPages
from glyphagent.tools.tool_images import Placement
from tests.bench.transcript import transcript

RESULTS = Path(__file__).parent / "results"


def _dump(messages: list[BaseMessage]) -> str:
    return "\n".join(message.model_dump_json() for message in messages)


def _place(profile: Profile) -> Placement:
    return "inline" if profile.images_in_tool_results else "user"


def _rewrite(
    messages: list[BaseMessage], profile: Profile, drawer: TextPages, limits: Limits
) -> CallReport:
    middleware = PageImageMiddleware(
        model=profile, tool_images=_place(profile), drawer=drawer, limits=limits
    )
    before = _dump(messages)
    _, report = middleware.rewrite(messages, profile.name)
    assert _dump(messages) == before
    return report


def _session(messages: list[BaseMessage], profile: Profile, drawer: TextPages) -> dict[str, int]:
    """Input tokens of every call of the session, and what they cost with a prompt cache.

    The cache is taken to be perfect: whatever a request has in common with the one before, from
    its start, is read from it, at the profile's prices where it states them.
    """
    rules = profile.cache or CacheRules()
    write = rules.write_multiplier or 1.0
    read = rules.read_multiplier if rules.read_multiplier is not None else 1.0
    middleware = PageImageMiddleware(model=profile, tool_images=_place(profile), drawer=drawer)
    ends = [n for n, message in enumerate(messages) if message.type == "ai"]
    figures = Counter[str]()
    billed = {"before": 0.0, "after": 0.0}
    sent_before: dict[str, list[BaseMessage]] = {"before": [], "after": []}
    for end in [*ends, len(messages)]:
        stored = messages[:end]
        for name, sent in (
            ("before", stored),
            ("after", middleware.rewrite(stored, profile.name)[0]),
        ):
            sizes = [message_tokens(message, profile) for message in sent]
            pairs = zip(sent_before[name], sent, strict=False)
            same = next((n for n, (old, new) in enumerate(pairs) if old != new), None)
            same = len(sent_before[name]) if same is None else same
            sent_before[name] = sent
            figures[f"tokens_{name}"] += sum(sizes)
            billed[name] += read * sum(sizes[:same]) + write * sum(sizes[same:])
    figures["calls"] = len(ends) + 1
    if rules.read_multiplier is not None:
        figures.update({f"billed_with_cache_{name}": round(sum_) for name, sum_ in billed.items()})
    return dict(figures)


def measure(messages: list[BaseMessage], profile: Profile) -> dict[str, Any]:
    """Figures of one profile on these messages."""
    drawer = TextPages(memory_bytes=1 << 30)
    tokens._counts.clear()
    start = time.process_time()
    counted = count_tokens(messages, profile)
    counting = time.process_time() - start
    tokens._counts.clear()
    middleware = PageImageMiddleware(model=profile, tool_images=_place(profile), drawer=drawer)
    start = time.process_time()
    _, report = middleware.rewrite(messages, profile.name)
    first = time.process_time() - start
    laters = []
    for _ in range(3):  # one of them may pay for a collection of garbage
        start = time.process_time()
        _, again = middleware.rewrite(messages, profile.name)
        laters.append(time.process_time() - start)
    later = min(laters)
    assert again == report
    assert report.tokens_before == counted
    assert report.tokens_after <= report.tokens_before
    replaced = sum(d.text_tokens for d in report.replaced)
    sidecar = sum(d.sidecar_tokens for d in report.replaced)
    skipped = Counter[str]()
    for decision in report.decisions:
        skipped[decision.reason] += decision.text_tokens
    unlimited = _rewrite(messages, profile, drawer, Limits(max_images=10_000, max_bytes=1 << 40))
    return {
        "placement": report.placement,
        "tokens_before": report.tokens_before,
        "tokens_after": report.tokens_after,
        "saved_percent": round(100 * (1 - report.tokens_after / report.tokens_before), 1),
        "visual_tokens": report.visual_tokens,
        "images": report.images,
        "image_bytes": report.image_bytes,
        "replaced_percent": round(100 * replaced / report.tokens_before, 1),
        "replaced_ratio": round(
            replaced / max(1, report.visual_tokens + sum(d.kept_tokens for d in report.replaced)), 2
        ),
        "sidecar_percent_of_replaced": round(100 * sidecar / max(1, replaced), 2),
        "parts_by_reason": report.reasons,
        "text_tokens_by_reason": dict(sorted(skipped.items())),
        "without_own_limits": {
            "tokens_after": unlimited.tokens_after,
            "images": unlimited.images,
        },
        "session": _session(messages, profile, drawer),
        "time_over_counting": {
            "first_call": round(first / counting, 2),
            "later_calls": round(later / counting, 2),
        },
    }


def _check_stored_state(messages: list[BaseMessage]) -> None:
    """An agent goes through the transcript; its checkpoint holds the text that went in."""
    middleware = PageImageMiddleware(model="qwen2.5-vl-7b-instruct", recover=False)
    chat = FakeListChatModel(responses=["In sessions.py."])
    agent: Any = create_agent(chat, [], middleware=[middleware], checkpointer=InMemorySaver())
    config = {"recursion_limit": 5, "configurable": {"thread_id": "1"}}
    agent.invoke({"messages": messages}, config)
    assert middleware.last_report is not None
    assert middleware.last_report.replaced
    stored = agent.get_state(config).values["messages"]
    assert _dump(stored[:-1]) == _dump(messages)
    assert all(isinstance(m.content, str) for m in stored if isinstance(m, ToolMessage))


def test_a_short_transcript(tmp_path: Path) -> None:
    messages = transcript(20_000, tmp_path)
    figures = measure(messages, profile_for("qwen2.5-vl-7b-instruct"))
    assert figures["tokens_before"] >= 20_000
    assert figures["saved_percent"] > 20
    assert figures["sidecar_percent_of_replaced"] <= 5.1
    assert figures["parts_by_reason"]["newest_turns"] >= 1
    assert figures["session"]["tokens_after"] < figures["session"]["tokens_before"]
    nothing = measure(messages, UNKNOWN)
    assert nothing["tokens_after"] == nothing["tokens_before"]
    assert set(nothing["parts_by_reason"]) == {"unknown_model"}
    _check_stored_state(messages)


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_a_long_transcript(tmp_path: Path) -> None:
    messages = transcript(200_000, tmp_path)
    _check_stored_state(messages)
    facts: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "tokenizer": tokens.TOKENIZER,
        "messages": len(messages),
        "tool_results": sum(isinstance(m, ToolMessage) for m in messages),
        "text_tokens": count_tokens(messages),
        "profiles": {profile.name: measure(messages, profile) for profile in (*PROFILES, UNKNOWN)},
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(facts, indent=1) + "\n"
    (RESULTS / "middleware.json").write_text(text, encoding="ascii")
    sys.stderr.write(text)
    assert facts["text_tokens"] >= 200_000
