"""Structured output: asked for in words, validated, asked for again."""

from __future__ import annotations

import json
from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel

from .scripted_backend import Scripted, over


class Place(BaseModel):
    """Where something stands."""

    path: str
    line: int


class PlaceDict(TypedDict):
    """Where something stands."""

    path: str
    line: int


FITTING = '{"path": "a.py", "line": 3}'


@pytest.mark.parametrize("schema", [Place, PlaceDict, Place.model_json_schema()])
@pytest.mark.parametrize("wrapped", ["{}", "Sure:\n```json\n{}\n```", "{{}} {}"])
def test_an_answer_that_fits_is_parsed(schema: Any, wrapped: str) -> None:
    text = wrapped.replace("{{}}", "{oops").replace("{}", FITTING)
    found: Any = over(Scripted(text)).with_structured_output(schema).invoke("where?")
    assert (found if isinstance(found, dict) else found.model_dump()) == json.loads(FITTING)


@pytest.mark.parametrize("schema", [Place, PlaceDict, Place.model_json_schema()])
def test_what_does_not_fit_is_asked_for_again(schema: Any) -> None:
    backend = Scripted("no idea", '{"path": "a.py", "line": "three"}', FITTING)
    found = over(backend).with_structured_output(schema).invoke("where?")
    assert found is not None
    assert len(backend.prompts) == 3
    assert "there is no JSON object" in backend.prompts[1]
    assert "line" in backend.prompts[2].rpartition("That does not fit")[2]


def test_what_never_fits_is_an_error_that_says_why() -> None:
    backend = Scripted('{"path": "a.py"}')
    asked = over(backend, max_retries=1)
    with pytest.raises(OutputParserException, match=r"line: Field required") as caught:
        asked.with_structured_output(Place).invoke("where?")
    assert caught.value.llm_output == '{"path": "a.py"}'
    assert len(backend.prompts) == 2
    outcome: Any = asked.with_structured_output(Place, include_raw=True).invoke("where?")
    assert outcome["parsed"] is None
    assert isinstance(outcome["parsing_error"], OutputParserException)
    assert outcome["raw"].text == '{"path": "a.py"}'


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"properties": {"a": {"type": "integer"}}}, {"a": 3}, {"a": True}),
        ({"properties": {"a": {"type": "number"}}}, {"a": 0.5}, {"a": "0.5"}),
        ({"properties": {"a": {"enum": ["x", "y"]}}}, {"a": "x"}, {"a": "z"}),
        ({"properties": {"a": {"const": 1}}}, {"a": 1}, {"a": 2}),
        ({"required": ["a"]}, {"a": None}, {}),
        ({"additionalProperties": False}, {}, {"b": 1}),
        (
            {"properties": {"a": {"type": "array", "items": {"type": "string"}}}},
            {"a": ["x"]},
            {"a": ["x", 1]},
        ),
        (
            {"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}]}}},
            {"a": None},
            {"a": 1},
        ),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/Inner"}},
                "$defs": {"Inner": {"type": "object", "required": ["b"]}},
            },
            {"a": {"b": 1}},
            {"a": {}},
        ),
    ],
)
def test_a_json_schema_is_checked(
    schema: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    schema = {"title": "Thing", "description": "A thing.", "type": "object", **schema}
    chat = over(Scripted(json.dumps(good)), max_retries=0)
    assert chat.with_structured_output(schema).invoke("?") == good
    with pytest.raises(OutputParserException):
        over(Scripted(json.dumps(bad)), max_retries=0).with_structured_output(schema).invoke("?")


async def test_structured_output_works_asynchronously() -> None:
    backend = Scripted("no", FITTING)
    found = await over(backend).with_structured_output(Place).ainvoke("where?")
    assert found == Place(path="a.py", line=3)


def test_a_schema_may_be_written_as_a_tool() -> None:
    tool = {"name": "place", "description": "A place.", "parameters": Place.model_json_schema()}
    for schema in (tool, {"type": "function", "function": tool}):
        found = over(Scripted("no", FITTING)).with_structured_output(schema).invoke("where?")
        assert found == json.loads(FITTING)
