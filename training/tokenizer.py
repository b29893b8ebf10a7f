"""The tokenizer of `nano`: one token a character, any other character as its UTF-8 bytes.

The special tokens are those of GLM-4.1V, under their own names.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from glyphagent import marks
from glyphagent.atlas import bundled_atlas

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "[gMASK]",
    "<sop>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|observation|>",
    "<|begin_of_image|>",
    "<|image|>",
    "<|end_of_image|>",
    "<|begin_of_video|>",
    "<|video|>",
    "<|end_of_video|>",
)

CHAT_TEMPLATE = (
    "[gMASK]<sop>{% for message in messages %}<|{{ message.role }}|>\n"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}{% if part.type == 'image' %}"
    "<|begin_of_image|><|image|><|end_of_image|>{% elif part.type == 'text' %}{{ part.text }}"
    "{% endif %}{% endfor %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@cache
def vocabulary() -> tuple[str, ...]:
    """Tokens in the order of their ids: special tokens, bytes, line feed and tab, characters."""
    characters = [c for c in bundled_atlas("fixed-7x14").characters if c not in marks.ALL]
    found = dict.fromkeys((*SPECIAL_TOKENS, *(f"<0x{b:02X}>" for b in range(256)), "\n", "\t"))
    found.update(dict.fromkeys(characters))
    return tuple(found)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Tokenizer that gives every text back exactly."""
    vocab = {token: number for number, token in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[], byte_fallback=True, fuse_unk=False))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    fast: Any = PreTrainedTokenizerFast
    made: PreTrainedTokenizerFast = fast(
        tokenizer_object=tokenizer,
        eos_token=SPECIAL_TOKENS[0],
        pad_token=SPECIAL_TOKENS[0],
        additional_special_tokens=list(SPECIAL_TOKENS[1:]),
        padding_side="left",
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )
    return made
