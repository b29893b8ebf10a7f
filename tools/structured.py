"""Structured output by validation: a schema is asked for in words, and the answer is checked.

No tool call and no constrained decoding is pretended: the model is told the JSON Schema, its text
is parsed, and what does not fit is told to it and asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel, ValidationError
from pydantic.v1 import BaseModel as OldBaseModel
from pydantic.v1 import ValidationError as OldValidationError

Schema = dict[str, Any] | type
"""A pydantic class (of either version), a `TypedDict`, or a JSON Schema."""

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_DEEPEST = 40


def validated(
    chat: Runnable[LanguageModelInput, AIMessage], schema: Schema, retries: int, include_raw: bool
) -> Runnable[LanguageModelInput, Any]:
    """A chat model whose answers are what a schema says.

    Args:
        chat: The chat model.
        schema: What its answers must fit.
        retries: How often an answer that does not fit is sent back with what is wrong.
        include_raw: Give `raw`, `parsed` and `parsing_error`, and do not raise for the latter.
    """
    wanted, parse = instructions(schema), parser(schema)

    def judged(messages: list[BaseMessage], raw: AIMessage) -> dict[str, Any]:
        try:
            return {"raw": raw, "parsed": parse(str(raw.text)), "parsing_error": None}
        except ValueError as error:
            again = f"That does not fit: {error}. Answer with the JSON object alone."
            messages += [raw, HumanMessage(again)]
            fault = OutputParserException(
                f"the model gave no answer that fits the schema: {error}",
                llm_output=str(raw.text),
            )
            return {"raw": raw, "parsed": None, "parsing_error": fault}

    def given(outcome: dict[str, Any]) -> Any:
        if include_raw:
            return outcome
        if outcome["parsing_error"] is not None:
            raise outcome["parsing_error"]
        return outcome["parsed"]

    def ask(asked: LanguageModelInput, config: RunnableConfig) -> Any:
        messages = [*_messages(asked), HumanMessage(wanted)]
        outcome = judged(messages, chat.invoke(messages, config))
        for _ in range(retries):
            if outcome["parsing_error"] is None:
                break
            outcome = judged(messages, chat.invoke(messages, config))
        return given(outcome)

    async def ask_async(asked: LanguageModelInput, config: RunnableConfig) -> Any:
        messages = [*_messages(asked), HumanMessage(wanted)]
        outcome = judged(messages, await chat.ainvoke(messages, config))
        for _ in range(retries):
            if outcome["parsing_error"] is None:
                break
            outcome = judged(messages, await chat.ainvoke(messages, config))
        return given(outcome)

    return RunnableLambda(ask, ask_async, name="structured_output")


def instructions(schema: Schema) -> str:
    """What a model is told, so that its answer fits a schema."""
    shown = json.dumps(_json_schema(schema), ensure_ascii=False, indent=1)
    return (
        "Answer with one JSON object that fits this JSON Schema, and with nothing else, without "
        f"a code fence:\n{shown}"
    )


def parser(schema: Schema) -> Callable[[str], Any]:
    """Function that makes of a text what the schema says.

    It gives an instance of a pydantic class, a dictionary for any other schema, and raises
    `ValueError` with one line for the model where the text does not fit.
    """
    if isinstance(schema, type) and is_basemodel_subclass(schema):

        def to_model(text: str) -> Any:
            value = _json_of(text)
            try:
                if issubclass(schema, OldBaseModel):
                    return schema.parse_obj(value)
                assert issubclass(schema, BaseModel)
                return schema.model_validate(value)
            except (ValidationError, OldValidationError) as error:
                raise ValueError(_faults(error)) from error

        return to_model
    known = _json_schema(schema)

    def to_dict(text: str) -> Any:
        value = _json_of(text)
        if fault := _fault(value, known, known, "the answer", 0):
            raise ValueError(fault)
        return value

    return to_dict


def _json_schema(schema: Schema) -> dict[str, Any]:
    """The schema as JSON Schema; one that is written as a tool's is taken out of it."""
    if isinstance(schema, dict) and not schema.keys() & {"parameters", "function", "input_schema"}:
        return schema
    return convert_to_json_schema(schema)


def _messages(asked: LanguageModelInput) -> list[BaseMessage]:
    if isinstance(asked, PromptValue):
        return asked.to_messages()
    return convert_to_messages([HumanMessage(asked)] if isinstance(asked, str) else asked)


def _json_of(text: str) -> Any:
    """First JSON object of a text; models like to put words and fences around it."""
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            return decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
    raise ValueError("there is no JSON object in the answer")


def _faults(error: ValidationError | OldValidationError) -> str:
    faults = (
        error.errors(include_url=False, include_input=False)
        if isinstance(error, ValidationError)
        else error.errors()
    )
    return "; ".join(f"{'.'.join(map(str, f['loc'])) or 'object'}: {f['msg']}" for f in faults)


def _fault(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str, depth: int
) -> str:
    """What in a value does not fit a JSON Schema, or nothing.

    Source: JSON Schema 2020-12, the keywords that describe data classes: type, enum, const,
    properties, required, additionalProperties, items, anyOf, oneOf, allOf and local `$ref`.
    """
    if depth > _DEEPEST:
        return f"{at}: nested too deep"
    if isinstance(reference := schema.get("$ref"), str):
        target: Any = root
        for name in reference.removeprefix("#/").split("/"):
            target = target.get(name, {}) if isinstance(target, Mapping) else {}
        return _fault(value, target, root, at, depth + 1)
    for choice in ("anyOf", "oneOf"):
        if options := schema.get(choice):
            faults = [_fault(value, option, root, at, depth + 1) for option in options]
            if all(faults):
                return faults[0]
    for part in schema.get("allOf", ()):
        if fault := _fault(value, part, root, at, depth + 1):
            return fault
    if "enum" in schema and value not in schema["enum"]:
        return f"{at}: not one of {json.dumps(schema['enum'])}"
    if "const" in schema and value != schema["const"]:
        return f"{at}: not {json.dumps(schema['const'])}"
    if fault := _wrong_type(value, schema.get("type"), at):
        return fault
    if isinstance(value, dict):
        return _object_fault(value, schema, root, at, depth)
    if isinstance(value, list) and isinstance(items := schema.get("items"), Mapping):
        for number, item in enumerate(value):
            if fault := _fault(item, items, root, f"{at}[{number}]", depth + 1):
                return fault
    return ""


def _wrong_type(value: Any, kinds: Any, at: str) -> str:
    wanted = [kinds] if isinstance(kinds, str) else list(kinds or ())
    known = [kind for kind in wanted if kind in _TYPES]
    if not known:
        return ""
    for kind in known:
        if isinstance(value, bool) and kind != "boolean":
            continue
        if isinstance(value, _TYPES[kind]) or (
            kind == "integer" and isinstance(value, float) and value.is_integer()
        ):
            return ""
    return f"{at}: should be of type {' or '.join(known)}"


def _object_fault(
    value: Mapping[str, Any],
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    at: str,
    depth: int,
) -> str:
    properties = schema.get("properties") or {}
    for name in schema.get("required", ()):
        if name not in value:
            return f"{at}: {name} is missing"
    extra = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in properties:
            fault = _fault(item, properties[name], root, f"{at}.{name}", depth + 1)
        elif isinstance(extra, Mapping):
            fault = _fault(item, extra, root, f"{at}.{name}", depth + 1)
        else:
            fault = "" if extra else f"{at}: {name} is no property of the schema"
        if fault:
            return fault
    return ""
