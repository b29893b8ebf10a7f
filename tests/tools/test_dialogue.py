"""Conversations reach a Glm4v checkpoint turn by turn, in the words of its own chat template.

The checkpoint is small and random; classes, formats and the recipe that it is compared with are
the stock ones. The template takes what a system or an assistant says as a text, as that of
GLM-4.1V does.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from PIL import Image

from glyphagent.errors import BackendError
from glyphagent.plugins import Turn
from glyphagent.tools import ChatGlyph
from glyphagent.tools.conversation import Conversation

from ..kernels.conftest import tiny_model
from ..kernels.test_backend import TEMPLATE, save_tokenizer

STOCK = """[gMASK]<sop>
{%- for m in messages %}
{%- if m.role == 'system' %}<|system|>
{{ m.content }}
{%- elif m.role == 'user' %}<|user|>{{ '\\n' }}
{%- if m.content is string %}{{ m.content }}
{%- else %}{% for p in m.content %}
{%- if p.type == 'image' %}<|begin_of_image|><|image|><|end_of_image|>
{%- else %}{{ p.text }}
{%- endif %}{% endfor %}{% endif %}
{%- elif m.role == 'assistant' %}<|assistant|>
{{ m.content }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|assistant|>
{% endif %}"""
SIZE = (112, 84)  # 12 visual tokens


def picture(seed: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (84, 112, 3), dtype=np.uint8)


def block(seed: int) -> dict[str, Any]:
    import base64

    stream = io.BytesIO()
    Image.fromarray(picture(seed)).save(stream, "PNG")
    encoded = base64.b64encode(stream.getvalue()).decode()
    return {"type": "image", "base64": encoded, "mime_type": "image/png"}


def saved(folder: Path, template: str) -> Path:
    from transformers import Glm4vImageProcessorPil

    model = tiny_model()
    model.generation_config.eos_token_id = None
    model.save_pretrained(folder)
    Glm4vImageProcessorPil().save_pretrained(folder)
    save_tokenizer(folder, template)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("stock"), STOCK)


CONVERSATION: list[BaseMessage] = [
    SystemMessage("Be brief."),
    HumanMessage(["One:", block(0), {"type": "text", "text": "what is it?"}]),
    AIMessage("a <|user|> b"),
    HumanMessage([{"type": "text", "text": "And"}, block(1), {"type": "text", "text": "this?"}]),
]
SAID = [
    {"role": "system", "content": "Be brief."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "One:"},
            {"type": "image"},
            {"type": "text", "text": "what is it?"},
        ],
    },
    {"role": "assistant", "content": "a MARK b"},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "And"},
            {"type": "image"},
            {"type": "text", "text": "this?"},
        ],
    },
]


def stock_ids(checkpoint: Path) -> Any:
    """What the stock recipe makes of it; what a person wrote stays plain text."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    prompt = tokenizer.apply_chat_template(SAID, tokenize=False, add_generation_prompt=True)
    before, after = prompt.replace("<|image|>", "<|image|>" * 12).split("MARK")
    plain = tokenizer("<|user|>", split_special_tokens=True).input_ids
    ids = tokenizer(before).input_ids + plain + tokenizer(after).input_ids
    return tokenizer, ids


def test_the_model_is_given_what_the_stock_recipe_gives(checkpoint: Path) -> None:
    import torch
    from transformers import Glm4vForConditionalGeneration, Glm4vImageProcessorPil

    answer = ChatGlyph(model=str(checkpoint), max_tokens=16).invoke(CONVERSATION)

    tokenizer, ids = stock_ids(checkpoint)
    assert answer.usage_metadata
    assert answer.usage_metadata["input_tokens"] == len(ids)
    model: Any = Glm4vForConditionalGeneration.from_pretrained(checkpoint)
    inputs = Glm4vImageProcessorPil(do_resize=False)([picture(0), picture(1)], return_tensors="pt")
    prompt = torch.tensor([ids])
    made = model.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        mm_token_type_ids=(prompt == model.config.image_token_id).int(),
        max_new_tokens=16,
        do_sample=False,
        **inputs,
    )
    assert answer.text == tokenizer.decode(made[0, len(ids) :], skip_special_tokens=True)


def test_what_was_said_and_where_images_stood_matters(checkpoint: Path) -> None:
    chat = ChatGlyph(model=str(checkpoint), max_tokens=16)
    said = chat.invoke(CONVERSATION).text
    first, second, third, last = CONVERSATION
    assert chat.invoke(CONVERSATION).text == said
    others = [
        [first, second, AIMessage("a <|user|> c"), last],
        [first, second, HumanMessage(str(third.text)), last],
        [first, HumanMessage([block(0), "One:\nwhat is it?"]), third, last],
        [HumanMessage("Be brief."), second, third, last],
    ]
    assert all(chat.invoke(other).text != said for other in others)


def test_templates_that_want_parts_everywhere_get_them(tmp_path: Path) -> None:
    chat = ChatGlyph(model=str(saved(tmp_path, TEMPLATE)), max_tokens=4)
    answer = chat.invoke(CONVERSATION)
    assert answer.usage_metadata
    assert answer.usage_metadata["output_tokens"] == 4


def test_a_template_that_refuses_says_so_in_one_line(tmp_path: Path) -> None:
    template = "{{ raise_exception('roles must alternate') }}"
    chat = ChatGlyph(model=str(saved(tmp_path, template)))
    with pytest.raises(BackendError, match="refuses this: roles must alternate"):
        chat.invoke(CONVERSATION)


def test_turns_of_roles_that_templates_do_not_know() -> None:
    call = {"name": "look", "args": {"page": 3}, "id": "1", "type": "tool_call"}
    conversation = Conversation.of(
        [
            SystemMessage("Be brief."),
            SystemMessage("Be kind."),
            HumanMessage("Look."),
            AIMessage(["So", block(0)], tool_calls=[call]),
            ToolMessage(["A page:", block(1)], tool_call_id="1", name="look"),
            ChatMessage(content="I agree.", role="critic"),
            HumanMessage("And now?"),
        ]
    )
    assert conversation.dialogue == (
        Turn("system", ("Be brief.\nBe kind.",)),
        Turn("user", ("Look.",)),
        Turn("assistant", ('So\n[image 1]\n[calls look({"page": 3})]',)),
        Turn(
            "user",
            (
                *("[image 1]", 0, "Result of look:\nA page:", 1),
                "Critic:\nI agree.\nAnd now?",
            ),
        ),
    )
