"""A chat model's answer held against the sources that its tools read: marks, and facts as data.

The work behind `GuardMiddleware` and a guarded `ChatGlyph`. What is checked and how is `guard`'s
business in the core; here it is decided which words of a message are an answer, where the marks
go in it, and what a program is told beside it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import BaseModel

from glyphagent.answer import Answer, Citation, Claim, verify
from glyphagent.document import Document
from glyphagent.guard import Checked, Guard
from glyphagent.guard.marking import unverified, without_closing
from glyphagent.outcomes import Places
from glyphagent.page import Page
from glyphagent.session import Session

FACTS = "glyph_guard"
"""Key in a message's `additional_kwargs` under which the results of the check stand."""

_QUESTION_CHARACTERS = 20_000
# Notes of a guard that an answer passes on, as from `glyph_ask`: what still deserves one gets one.
_NOTE = re.compile(
    r"[ \n]\[(?:corrected from `[^`]*`|corrected, see the claims|unverified: [^\[\]]*)\]"
)
_NOT_THERE = "what is quoted is not what the source has there"
_NO_CITATION = "the answer cites no place in the source: check it"


_Key = tuple[tuple[str, tuple[Document, ...], tuple[Page, ...]], ...]


@dataclass(frozen=True)
class _State:
    """A guard over the state in which some sessions are.

    Attributes:
        key: What tells this state from others.
        guard: The guard.
        places: Where each source's pages show what, by the source's name.
    """

    key: _Key = field(repr=False)
    guard: Guard
    places: Mapping[str, Places]


class AnswerGuard:
    """Checks answers about one source, or about several at once.

    With several sources, each one's paths have its name before them, as in `shop/app/prices.py`;
    an answer may leave the name out where that is clear. May be used by several threads.
    """

    def __init__(self) -> None:
        """Nothing is looked through before the first answer comes."""
        self._state: _State | None = None
        self._lock = threading.Lock()

    def check(
        self, text: str, question: str, sources: Mapping[str, Session]
    ) -> tuple[str, dict[str, Any]]:
        """The text with its marks and a line of what was not checked, and the results as data.

        Args:
            text: An answer in a model's words.
            question: What was asked: its names are not held against the answer.
            sources: The sources that the answer may be about, by name.
        """
        # One state of each for the whole check, also while a session is being refreshed.
        sources = {name: session.pinned() for name, session in sources.items()}
        with self._lock:  # a guard looks things up lazily, and remembers them
            state = self._state_of(sources)
            checked = state.guard.check(_NOTE.sub("", without_closing(text)), question)
        return checked.told, _facts(checked, sources, state.places)

    def check_looked_up(self, answer: Answer, session: Session) -> tuple[str, dict[str, Any]]:
        """An answer that was looked up on pages, its citations held against the source, and data.

        There is nothing in it that a model worded, so a reader's misreading is all that can be
        wrong: what is quoted is then not what the source has.
        """
        session = session.pinned()
        documents = {document.path: document for document in session.documents}
        found = tuple(verify(citation, documents) for citation in answer.citations)
        wrong = [citation for citation in found if not citation.verified]
        told = [f"{citation.location}: {_NOT_THERE}" for citation in wrong]
        sources = named_sources([("", session)])
        with self._lock:
            places = self._state_of(sources).places
        facts = _facts(Checked(answer.text, (), found, tuple(told)), sources, places)
        if found:
            facts["status"] = "unverified" if wrong else "confirmed"
        return "\n".join([answer.text, *(f"[{unverified(each)}]" for each in told)]), facts

    def _state_of(self, sources: Mapping[str, Session]) -> _State:
        # The documents themselves are in the key, so that none of them is another's successor.
        key = tuple((name, session.documents, session.pages) for name, session in sources.items())
        if self._state is None or not _same(self._state.key, key):
            self._state = _State(
                key,
                _guard(sources),
                {name: Places(session.pages) for name, session in sources.items()},
            )
        return self._state


def named_sources(found: Iterable[tuple[str, Session]]) -> dict[str, Session]:
    """Sessions by name: the one that is given, or that of the folder; each session once."""
    named: dict[str, Session] = {}
    for given, session in found:
        if any(session is known for known in named.values()):
            continue
        name = wanted = given or Path(session.source.root).name or "source"
        number = 2
        while name in named:
            name, number = f"{wanted}-{number}", number + 1
        named[name] = session
    return named


def question_of(messages: Sequence[BaseMessage]) -> str:
    """What a person said last in a conversation, its end where it is long."""
    for message in reversed(messages):
        if isinstance(message, HumanMessage) and (text := str(message.text).strip()):
            return text[-_QUESTION_CHARACTERS:]
    return ""


def beside(facts: Mapping[str, Any], before: Any, *, changed: bool) -> dict[str, Any]:
    """What stands in `additional_kwargs` of a checked message.

    Args:
        facts: Results of the check.
        before: The message's content as its model made it, kept where it was changed.
        changed: Whether it was.
    """
    return {FACTS: {**facts, "changed": changed, **({"original": before} if changed else {})}}


def guarded(message: AIMessage, text: str, facts: Mapping[str, Any]) -> AIMessage:
    """The message with this text and these facts; what it was is kept under `original`."""
    changed = text != message.text
    return message.model_copy(
        update={
            "content": _with_text(message.content, text) if changed else message.content,
            "additional_kwargs": {
                **message.additional_kwargs,
                **beside(facts, message.content, changed=changed),
            },
        }
    )


def as_said(message: BaseMessage) -> BaseMessage:
    """The message as its model wrote it, for the model to see again."""
    facts = message.additional_kwargs.get(FACTS)
    if not isinstance(facts, Mapping):
        return message
    rest = {key: value for key, value in message.additional_kwargs.items() if key != FACTS}
    content = facts.get("original", message.content)
    return message.model_copy(update={"content": content, "additional_kwargs": rest})


def strings_of(value: Any) -> list[str]:
    """Every text in structured output, in its order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, BaseModel):
        value = value.model_dump()
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple | set | frozenset):
        return []
    return [text for each in value for text in strings_of(each)]


def _with_text(content: str | list[Any], text: str) -> str | list[Any]:
    """Content with this text in place of all of its own; blocks of other kinds stay.

    A provider's own annotations count characters of the old text, so the block loses them here.
    """
    if isinstance(content, str):
        return text
    made: list[Any] = []
    placed = False
    for block in content:
        if not (isinstance(block, str) or block.get("type") == "text"):
            made.append(block)
        elif not placed:
            kept = {} if isinstance(block, str) else {k: block[k] for k in ("id",) if k in block}
            made.append({"type": "text", **kept, "text": text})
            placed = True
    return made


def _same(old: _Key, new: _Key) -> bool:
    """Whether these are the same documents and pages: the same objects, not equal ones."""
    return len(old) == len(new) and all(
        before[0] == after[0] and before[1] is after[1] and before[2] is after[2]
        for before, after in zip(old, new, strict=True)
    )


def _guard(sources: Mapping[str, Session]) -> Guard:
    if len(sources) == 1:
        (session,) = sources.values()
        every = (*session.documents, *session.undrawn)
        documents = {document.path: document for document in every}
        return Guard(documents, Path(session.source.root).name)
    documents = {
        f"{name}/{document.path}": Document(f"{name}/{document.path}", document.text)
        for name, session in sources.items()
        for document in (*session.documents, *session.undrawn)
    }
    return Guard(documents)


def _facts(
    checked: Checked, sources: Mapping[str, Session], places: Mapping[str, Places]
) -> dict[str, Any]:
    claims = [_claim_facts(claim, sources) for claim in checked.claims]
    citations = [_citation_facts(each, sources, places) for each in checked.citations]
    warnings = list(checked.warnings)
    if claims and not citations:
        warnings.append(_NO_CITATION)
    states = {claim.status for claim in checked.claims}
    status = next((s for s in ("unverified", "corrected", "confirmed") if s in states), "nothing")
    return {
        "status": status,
        "revisions": {name: session.revision for name, session in sources.items()},
        "citations": citations,
        "claims": claims,
        "warnings": warnings,
    }


def _citation_facts(
    citation: Citation, sources: Mapping[str, Session], places: Mapping[str, Places]
) -> dict[str, Any]:
    name, path = _split(citation.location.path, sources)
    place = replace(citation.location, path=path)
    found = places[name].box_of(place) if name in places else None
    page, box = found or (places[name].page_of(place) if name in places else None, None)
    return {
        "source": name,
        **asdict(place),
        "page": page,
        "box": list(box) if box else None,
        "verified": citation.verified,
    }


def _claim_facts(claim: Claim, sources: Mapping[str, Session]) -> dict[str, Any]:
    facts = asdict(claim)
    facts["location"] = None
    if claim.location is not None:
        name, path = _split(claim.location.path, sources)
        facts |= {"source": name, "location": str(replace(claim.location, path=path))}
    return facts


def _split(path: str, sources: Mapping[str, Session]) -> tuple[str, str]:
    """Source and path within it, of a path as the guard knows it."""
    if len(sources) == 1:
        return next(iter(sources)), path
    name, _, rest = path.partition("/")
    return (name, rest) if name in sources else ("", path)
