"""LangChain's own standard tests for `ChatGlyph`.

Over the embedded reader, over a checkpoint in the real format with random weights, and, for what
takes a model that follows instructions (structured output), over a scripted backend.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from glyphagent.plugins import Chunk
from glyphagent.session import Session
from glyphagent.tools import ChatGlyph

from ..kernels.conftest import tiny_model
from ..kernels.test_backend import save_tokenizer


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a Glm4v in the stock format, with random weights."""
    from transformers import Glm4vImageProcessorPil

    folder = tmp_path_factory.mktemp("glm4v")
    model = tiny_model()
    model.generation_config.eos_token_id = None  # so that it always has something to say
    model.save_pretrained(folder)
    Glm4vImageProcessorPil().save_pretrained(folder)
    save_tokenizer(folder)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    """Serve the picture that two of the tests download from here."""
    picture = SimpleNamespace(content=session.page_png(0))
    monkeypatch.setattr(httpx, "get", lambda *args, **kwargs: picture)


class JsonBackend:
    """Answers any prompt with the JSON that its schema asks for."""

    name = "scripted"
    model = "scripted"

    def prefill(self, images: Sequence[Any]) -> JsonBackend:
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        text = "A cat walks into a bar."
        if found := re.search(r"fits this JSON Schema.*?\n(\{.*\})", prompt, re.DOTALL):
            schema = json.JSONDecoder().raw_decode(found[1])[0]
            text = json.dumps(dict.fromkeys(schema["properties"], "meow"))
        for start in range(0, len(text), 7):
            yield Chunk(text[start : start + 7])
        yield Chunk("", len(prompt), len(text))


class OverNano:
    """The embedded reader, which generates nothing: no structured output."""

    @pytest.fixture(autouse=True)
    def _name_the_other_model(self, checkpoint: Path) -> None:
        self.other = str(checkpoint)

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatGlyph

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "nano"}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {"temperature": 0, "max_tokens": 8, "timeout": 60, "stop": [], "max_retries": 2}

    @property
    def has_tool_calling(self) -> bool:
        return False  # `bind_tools` is there to say so

    @property
    def has_structured_output(self) -> bool:
        return False

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return self.other


class OverCheckpoint(OverNano):
    """A checkpoint of random weights, which cannot follow a schema."""

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": self.other}

    @property
    def model_override_value(self) -> str:
        return "nano"


class OverScript(OverNano):
    """A backend that does what it is told: structured output can be seen to work."""

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "scripted", "backend": JsonBackend()}

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return False  # a backend that was given holds one model


class TestNanoUnit(OverNano, ChatModelUnitTests):
    pass


class TestNanoIntegration(OverNano, ChatModelIntegrationTests):
    pass


class TestCheckpointUnit(OverCheckpoint, ChatModelUnitTests):
    pass


class TestCheckpointIntegration(OverCheckpoint, ChatModelIntegrationTests):
    pass


class TestScriptUnit(OverScript, ChatModelUnitTests):
    pass


class TestScriptIntegration(OverScript, ChatModelIntegrationTests):
    pass


def test_a_checkpoint_counts_what_it_was_really_sent(checkpoint: Path, session: Session) -> None:
    page = session.pages[0]
    data = base64.b64encode(session.page_png(0)).decode("ascii")
    block = {"type": "image", "base64": data, "mime_type": "image/png"}
    chat = ChatGlyph(model=str(checkpoint), max_tokens=5)
    bare = chat.invoke("What?")
    seen = chat.invoke([HumanMessage([block, {"type": "text", "text": "What?"}])])
    visual = page.width_px // 28 * (page.height_px // 28)
    assert seen.response_metadata["visual_tokens"] == visual
    assert bare.response_metadata["visual_tokens"] == 0
    assert bare.usage_metadata
    assert seen.usage_metadata
    # An image costs its visual tokens and the two marks around them.
    more = seen.usage_metadata["input_tokens"] - bare.usage_metadata["input_tokens"]
    assert more == visual + 2
    assert seen.usage_metadata["output_tokens"] == 5
    assert seen.response_metadata["finish_reason"] == "length"
    assert seen.response_metadata["model_name"] == str(checkpoint)
