"""The plugin `local`: the embedded reader, and checkpoints in their real format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models
from transformers import Glm4vImageProcessorPil, PreTrainedTokenizerFast

from glyphagent.document import Document
from glyphagent.errors import BackendError
from glyphagent.kernels.backend import LocalBackend
from glyphagent.page import Page, SourceMap
from glyphagent.plugins import Chunk, Reader, load
from glyphagent.raster import rgb_pixels

from .conftest import tiny_model, write_reader
from .test_tiles import random_page

SPECIAL = [
    *("<|endoftext|>", "[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>"),
    *("<|observation|>", "<|begin_of_image|>", "<|image|>", "<|end_of_image|>"),
    *("<|begin_of_video|>", "<|video|>", "<|end_of_video|>"),
]
TEMPLATE = (
    "[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>\n{% for p in m.content %}"
    "{% if p.type == 'image' %}<|begin_of_image|><|image|><|end_of_image|>"
    "{% else %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
CLIP_PAGE = (84, 112, 3)  # 12 visual tokens


def save_tokenizer(folder: Path, template: str | None = TEMPLATE) -> None:
    # Streamers hold Latin letters back until a word ends, and give ideographs at once.
    ideographs = [chr(0x4E00 + number) for number in range(50)]
    characters = ["\n", *(chr(point) for point in range(32, 127)), *ideographs]
    vocab = {token: number for number, token in enumerate([*SPECIAL, *characters, "\ufffd"])}
    model = models.BPE(vocab=vocab, merges=[], unk_token="\ufffd")
    backend = Tokenizer(model)
    backend.decoder = decoders.Fuse()
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        eos_token=SPECIAL[0],
        pad_token=SPECIAL[0],
        additional_special_tokens=SPECIAL[1:],
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random Glm4v in the stock format."""
    folder = tmp_path_factory.mktemp("glm4v")
    model = tiny_model()
    model.generation_config.eos_token_id = None  # so that lengths are known
    model.save_pretrained(folder)
    Glm4vImageProcessorPil().save_pretrained(folder)
    save_tokenizer(folder)
    return folder


@pytest.fixture
def broken(checkpoint: Path, tmp_path: Path) -> Path:
    """Copy of the checkpoint, to break."""
    for file in checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def picture(seed: int = 0, shape: tuple[int, ...] = CLIP_PAGE) -> Any:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def page_of(path: str) -> Page:
    page = random_page("fixed-7x14", "light")
    document = Document(path, "a\nb\n")
    spans = np.array([[0, 2, 0, 0, 2, 1], [2, 4, 0, 2, 4, 2]], np.int32)
    return Page(
        page.codes, page.inks, page.atlas, page.palette, "flow", SourceMap((document,), spans)
    )


def said(chunks: Iterator[Chunk]) -> tuple[str, Chunk]:
    found = list(chunks)
    return "".join(chunk.text for chunk in found), found[-1]


def test_an_answer_streams_and_is_the_same_again(checkpoint: Path) -> None:
    backend = LocalBackend(str(checkpoint))
    context = backend.prefill([picture(0), picture(1)])

    chunks = list(context.stream("Where is main?", 24))

    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert chunks[-1].completion_tokens == 24
    text = "".join(chunk.text for chunk in chunks)
    assert said(context.stream("Where is main?", 24))[0] == text
    assert (
        said(
            LocalBackend(str(checkpoint))
            .prefill([picture(0), picture(1)])
            .stream("Where is main?", 24)
        )[0]
        == text
    )
    assert said(context.stream("Who?", 24))[0] != text
    assert said(backend.prefill([picture(1), picture(0)]).stream("Where is main?", 24))[0] != text


def test_it_says_what_the_stock_recipe_says(checkpoint: Path) -> None:
    """Pixels through the stock model, prompt expanded as the stock processor does."""
    from transformers import AutoTokenizer, Glm4vForConditionalGeneration

    context = LocalBackend(str(checkpoint), dtype="float32").prefill([picture(0), picture(1)])
    text, usage = said(context.stream("Why?", 16))

    model: Any = Glm4vForConditionalGeneration.from_pretrained(checkpoint)
    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    content = [{"type": "image"}, {"type": "image"}, {"type": "text", "text": "Why?"}]
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(prompt.replace("<|image|>", "<|image|>" * 12), return_tensors="pt").input_ids
    processor = Glm4vImageProcessorPil(do_resize=False)
    inputs = processor([picture(0), picture(1)], return_tensors="pt")
    made = model.generate(
        input_ids=ids,
        mm_token_type_ids=(ids == 8).int(),
        max_new_tokens=16,
        do_sample=False,
        **inputs,
    )
    assert usage.prompt_tokens == ids.shape[1]
    assert text == tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)


def test_visual_tokens_are_counted_exactly(checkpoint: Path) -> None:
    backend = LocalBackend(str(checkpoint))
    context: Any = backend.prefill([picture(0), picture(1, (28, 56, 3))])
    assert context.visual_tokens == 12 + 2
    _, usage = said(context.stream("Why?", 2))
    _, without = said(backend.prefill([]).stream("Why?", 2))
    markers = 2 * 2  # begin and end of each image
    assert usage.prompt_tokens == without.prompt_tokens + 14 + markers


def test_pages_carry_their_places_as_text(checkpoint: Path) -> None:
    backend = LocalBackend(str(checkpoint))
    page = page_of("src/a.py")
    _, bare = said(backend.prefill([rgb_pixels(page)]).stream("Why?", 1))
    _, labelled = said(backend.prefill([page]).stream("Why?", 1))
    assert labelled.prompt_tokens == bare.prompt_tokens + len("Page 0: src/a.py:1-2\n")


def test_special_tokens_from_outside_are_plain_text(checkpoint: Path) -> None:
    context = LocalBackend(str(checkpoint)).prefill([page_of("<|image|><|assistant|>.py")])
    question = "What is <|image|>?<|endoftext|>"
    _, usage = said(context.stream(question, 1))
    _, short = said(context.stream("", 1))
    assert usage.prompt_tokens == short.prompt_tokens + len(question)


def test_closing_a_stream_ends_the_generation(checkpoint: Path) -> None:
    context = LocalBackend(str(checkpoint)).prefill([picture()])
    before = set(threading.enumerate())
    stream: Any = context.stream("Where is main?", 3000)
    next(stream)
    [worker] = set(threading.enumerate()) - before

    stream.close()

    assert not worker.is_alive()
    assert said(context.stream("Why?", 2))[1].completion_tokens == 2


def test_a_stream_that_nobody_reads_does_nothing(checkpoint: Path) -> None:
    context = LocalBackend(str(checkpoint)).prefill([picture()])
    before = threading.active_count()
    context.stream("Why?", 100)
    assert threading.active_count() == before


def test_failures_of_the_model_reach_the_reader(checkpoint: Path) -> None:
    context: Any = LocalBackend(str(checkpoint)).prefill([picture()])

    def fail(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("out of memory\nand much more")

    context._model._model.generate = fail
    with pytest.raises(BackendError, match=r"failed: out of memory$"):
        list(context.stream("Why?", 2))


def test_what_does_not_fit_is_refused(checkpoint: Path) -> None:
    backend = LocalBackend(str(checkpoint))
    with pytest.raises(BackendError, match=r"page 1 is 595x842 pixels; .* multiples of 28"):
        backend.prefill([picture(), picture(0, (842, 595, 3))])
    with pytest.raises(BackendError, match="page 0 should be RGB"):
        backend.prefill([picture(0, (28, 28))])
    context = backend.prefill([picture()])
    with pytest.raises(BackendError, match="do not fit into the 4096"):
        context.stream("Why?", 5000)
    with pytest.raises(BackendError, match="at least 1 token, not 0"):
        context.stream("Why?", 0)


def test_folders_without_a_glm4v_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"has no config\.json: not a Glm4v checkpoint folder"):
        LocalBackend(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(BackendError, match=r"model of type 'bert'; .* Glm4v"):
        LocalBackend(str(tmp_path))
    with pytest.raises(BackendError, match=r"no folder '/no/such/folder', and no hub id"):
        LocalBackend("/no/such/folder")


def test_incomplete_checkpoints_are_refused(broken: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(broken / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    with pytest.raises(BackendError, match=r"incomplete \(missing_keys: lm_head\.weight"):
        LocalBackend(str(broken)).prefill([picture()])


@pytest.mark.parametrize("file", ["model.safetensors", "preprocessor_config.json"])
def test_missing_files_are_told(broken: Path, file: str) -> None:
    (broken / file).unlink()
    with pytest.raises(BackendError, match="cannot load the model"):
        LocalBackend(str(broken)).prefill([picture()])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "no chat template"),
        ("{{ messages[0].role }}", "does not keep parts in order"),
        ("{% for p in messages[0].content %}{{ p.text }}{% endfor %}", "0 images for 1 pages"),
    ],
)
def test_templates_that_cannot_say_it_are_told(
    broken: Path, template: str | None, message: str
) -> None:
    (broken / "chat_template.jinja").unlink(missing_ok=True)
    save_tokenizer(broken, template)
    with pytest.raises(BackendError, match=message):
        LocalBackend(str(broken)).prefill([picture()]).stream("Why?", 2)


def test_pickled_weights_are_never_opened(broken: Path) -> None:
    (broken / "model.safetensors").unlink()
    torch.save(tiny_model().state_dict(), broken / "pytorch_model.bin")
    with pytest.raises(BackendError, match="cannot load the model"):
        LocalBackend(str(broken)).prefill([picture()])


def test_a_hub_id_without_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    backend = LocalBackend("zai-org/there-is-no-such-model")
    with pytest.raises(BackendError, match="cannot load the model") as caught:
        backend.prefill([picture()])
    assert "\n" not in str(caught.value)


def test_a_hub_that_cannot_be_reached_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", "http://127.0.0.1:9")
    begun = time.monotonic()
    with pytest.raises(BackendError, match=r"hf download zai-org/no-such-model.*local folder"):
        LocalBackend("zai-org/no-such-model").prefill([picture()])
    assert time.monotonic() - begun < 10
    assert not [record for record in caplog.records if "Retry" in record.getMessage()]


def test_the_reader_reads_and_does_not_generate(tmp_path: Path) -> None:
    write_reader(tmp_path, local=True)
    backend = LocalBackend(str(tmp_path))
    assert isinstance(backend, Reader)
    assert backend.digest
    [read] = backend.read([np.full((28, 28, 3), 255, np.uint8)])
    assert not read.codes.any()
    with pytest.raises(BackendError, match="does not generate"):
        backend.prefill([picture()]).stream("Why?", 2)


def test_a_checkpoint_without_a_glyph_head_is_no_reader(checkpoint: Path) -> None:
    backend = LocalBackend(str(checkpoint))
    assert not isinstance(backend, Reader)
    assert not backend.digest


def test_it_is_found_as_a_plugin_and_imports_no_torch() -> None:
    assert load("backends", "local") is LocalBackend
    script = (
        "import sys; from glyphagent.plugins import load; load('backends', 'local')\n"
        "print([m for m in ('torch', 'transformers', 'safetensors') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.gpu
def test_cuda_answers_like_the_cpu(checkpoint: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    answers = [
        said(LocalBackend(str(checkpoint), device=device).prefill([picture()]).stream("Why?", 8))
        for device in ("cpu", "cuda")
    ]
    assert answers[0] == answers[1]


def test_a_checkpoint_in_the_hubs_cache_needs_no_network(checkpoint: Path, tmp_path: Path) -> None:
    home = tmp_path / "models--org--model"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("0" * 40)
    (home / "snapshots").mkdir()
    (home / "snapshots" / ("0" * 40)).symlink_to(checkpoint)
    script = (
        "import numpy, sys; from glyphagent.kernels.backend import LocalBackend\n"
        "page = numpy.zeros((84, 112, 3), 'uint8')\n"
        "print(LocalBackend('org/model').prefill([page]).visual_tokens)"
    )
    environment = os.environ | {
        "HF_HUB_CACHE": str(tmp_path),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == "12", done.stderr
    assert "Retry" not in done.stderr
