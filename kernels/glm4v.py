"""Glm4v checkpoints of any size behind one call: pages and a question in, a streamed answer out.

Stock transformers classes, loaded from a folder or the hub without any code of the checkpoint's
own. Two things are done by hand. The processor of the stock recipe wants a video processor and
torchvision; only its image part and the tokenizer are used, and each image token is expanded
here. And text that comes from outside (questions, paths) never turns into special tokens.

Pages are encoded once, when a context is made, and their visual tokens serve every question.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import HfApi
from torch import Tensor
from transformers import (
    AutoTokenizer,
    Glm4vForConditionalGeneration,
    Glm4vImageProcessorPil,
    PreTrainedConfig,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)

from glyphagent.errors import BackendError
from glyphagent.plugins import Chunk, Image, Turn

from .chat_turns import HeldPage, render, with_labels
from .checkpoint import check_type

_HUB_SECONDS = 5
_PAGES_PER_CALL = 8  # bounds the memory of float patches: 12 MB a page of 588x840


class Glm4v:
    """A loaded Glm4v checkpoint.

    Attributes:
        name: Folder or hub id that it was loaded from.
        tile_px: Page sides must be multiples of this.
    """

    def __init__(self, name: str, device: torch.device, dtype: torch.dtype | None) -> None:
        """Load the checkpoint `name`, from a folder or the hub.

        Raises:
            BackendError: If it cannot be found or fetched, or is no complete Glm4v checkpoint.
        """
        self.name = name
        try:
            loaded = _load(name, dtype)
        except BackendError:
            raise
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise BackendError(f"cannot load the model {name!r}: {_line(error)}") from error
        self._processor, self._tokenizer, (self._model, report) = loaded
        for fault in ("missing_keys", "mismatched_keys"):
            if report.get(fault):
                first = sorted(map(str, report[fault]))[0]
                raise BackendError(f"the checkpoint {name!r} is incomplete ({fault}: {first}, ...)")
        if not self._tokenizer.chat_template:
            raise BackendError(f"the tokenizer of {name!r} has no chat template")
        self._model.to(device).eval()
        self._device = device
        vision = self._model.config.vision_config
        self._merge = int(vision.spatial_merge_size)
        self.tile_px = int(vision.patch_size) * self._merge
        # The model remembers rotary offsets between steps: one generation at a time.
        self._lock = threading.Lock()

    @torch.inference_mode()
    def hold(self, images: Sequence[Image], labels: Sequence[str]) -> list[HeldPage]:
        """Encode pages into their visual tokens.

        Raises:
            BackendError: If a page's sides are no multiples of the merged patch; resampling it
                would blur the text.

        Shapes:
            images: uint8 [height, width, 3] each.
        """
        for number, image in enumerate(images):
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise BackendError(f"page {number} should be RGB pixels, uint8 [height, width, 3]")
            height, width = image.shape[:2]
            if not image.size or height % self.tile_px or width % self.tile_px:
                raise BackendError(
                    f"page {number} is {width}x{height} pixels; {self.name!r} needs sides that are "
                    f"multiples of {self.tile_px}, so that no page is resampled"
                )
        held: list[HeldPage] = []
        for start in range(0, len(images), _PAGES_PER_CALL):
            part = slice(start, start + _PAGES_PER_CALL)
            inputs = self._processor(list(images[part]), return_tensors="pt")
            grids = inputs["image_grid_thw"]
            pixels = inputs["pixel_values"].to(self._device)
            with self._lock:
                features = self._model.model.get_image_features(pixels, grids.to(self._device))
            for label, tokens, grid in zip(
                labels[part], features.pooler_output, grids.tolist(), strict=True
            ):
                held.append(HeldPage(label, tokens, (grid[0], grid[1], grid[2])))
        return held

    def prompt(self, pages: Sequence[HeldPage], question: str) -> list[int]:
        """Token ids of a conversation of one turn: pages with their labels, then the question.

        Raises:
            BackendError: If the chat template cannot say that.
        """
        return self._ids(*with_labels([_asked(pages, question)], pages))

    def _ids(self, turns: Sequence[Turn], pages: Sequence[HeldPage]) -> list[int]:
        """Token ids of a conversation that shows these pages, in this order."""
        pieces = render(self._tokenizer, turns, self.name)
        ids: list[int] = []
        for number, piece in enumerate(pieces):
            # What comes from outside is plain text, whatever special token it spells.
            encoded = self._tokenizer(
                piece, add_special_tokens=False, split_special_tokens=bool(number % 2)
            )
            ids += encoded["input_ids"]
        image = self._model.config.image_token_id
        if ids.count(image) != len(pages):
            raise BackendError(
                f"the chat template of {self.name!r} gives {ids.count(image)} images for "
                f"{len(pages)} pages"
            )
        counts = iter([len(page.tokens) for page in pages])
        return [t for token in ids for t in [token] * (next(counts) if token == image else 1)]

    def stream(self, pages: Sequence[HeldPage], question: str, max_tokens: int) -> Iterator[Chunk]:
        """Answer greedily, chunk by chunk; the last chunk carries the usage.

        Closing the iterator ends the generation at its next token.

        Raises:
            BackendError: If the conversation is too long for the model, or generation fails.
        """
        return self.stream_turns(pages, [_asked(pages, question)], max_tokens)

    def stream_turns(
        self, pages: Sequence[HeldPage], turns: Sequence[Turn], max_tokens: int
    ) -> Iterator[Chunk]:
        """Say the next turn of a conversation greedily, as `stream` answers a question.

        Raises:
            BackendError: If a turn shows a page that is not held, the chat template cannot say
                the conversation, it is too long for the model, or generation fails.
        """
        if max_tokens < 1:
            raise BackendError(f"an answer has at least 1 token, not {max_tokens}")
        labelled, shown = with_labels(turns, pages)
        ids = self._ids(labelled, shown)
        room = int(self._model.config.text_config.max_position_embeddings)
        if len(ids) + max_tokens > room:
            raise BackendError(
                f"{len(ids)} tokens of pages and question and {max_tokens} of answer do not fit "
                f"into the {room} of {self.name!r}"
            )
        return self._stream(shown, ids, max_tokens)

    def _stream(
        self, pages: Sequence[HeldPage], ids: list[int], max_tokens: int
    ) -> Iterator[Chunk]:
        streamer: Any = TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, skip_special_tokens=True
        )
        watch, failures = _Watch(), list[BaseException]()

        def work() -> None:
            try:
                with self._lock:
                    if not watch.cancelled.is_set():
                        self._generate(pages, ids, max_tokens, streamer, watch)
            except BaseException as error:  # told to the thread that reads
                failures.append(error)
            finally:
                streamer.on_finalized_text("", stream_end=True)

        worker = threading.Thread(target=work, name="glm4v", daemon=True)
        worker.start()
        try:
            for text in streamer:
                if text:
                    yield Chunk(text)
            worker.join()
            if failures:
                if not isinstance(failures[0], RuntimeError):
                    raise failures[0]
                reason = str(failures[0]).splitlines()[0]
                raise BackendError(f"{self.name!r} failed: {reason}") from failures[0]
            made = max(0, watch.length - len(ids))
            yield Chunk(prompt_tokens=len(ids), completion_tokens=made)
        finally:
            watch.cancelled.set()
            worker.join()

    @torch.inference_mode()
    def _generate(
        self,
        pages: Sequence[HeldPage],
        ids: list[int],
        max_tokens: int,
        streamer: TextIteratorStreamer,
        watch: _Watch,
    ) -> None:
        """Run the stock generation on embeddings made here.

        Positions come from the ids and the grids; embeddings without them would silently be
        placed as plain text.
        """
        prompt = torch.tensor([ids], device=self._device)
        shown = prompt == self._model.config.image_token_id
        embeds = self._model.get_input_embeddings()(prompt)
        inputs: dict[str, Any] = {}
        if pages:
            tokens = torch.cat([page.tokens for page in pages]).to(embeds)
            embeds = embeds.masked_scatter(shown[..., None], tokens)
            grids = torch.tensor([page.grid for page in pages], device=self._device)
            inputs = {"image_grid_thw": grids, "mm_token_type_ids": shown.int()}
        config = copy.deepcopy(self._model.generation_config)
        config.update(
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            max_length=None,
            max_new_tokens=max_tokens,
        )
        self._model.generate(
            input_ids=prompt,
            inputs_embeds=embeds,
            attention_mask=torch.ones_like(prompt),
            generation_config=config,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([watch]),
            **inputs,
        )


def _asked(pages: Sequence[HeldPage], question: str) -> Turn:
    """All pages, then a question, by a user."""
    return Turn("user", (*range(len(pages)), question))


def _load(name: str, dtype: torch.dtype | None) -> tuple[Any, Any, tuple[Any, dict[str, Any]]]:
    """Image processor, tokenizer, and model with a report, from disk if they are all there."""
    if Path(name).is_dir():
        return _parts(name, dtype, local=True)
    try:
        return _parts(name, dtype, local=True)
    except OSError:
        # Not, or not all of it, in the cache of the hub.
        _reach_hub(name)
        return _parts(name, dtype, local=False)


def _parts(
    name: str, dtype: torch.dtype | None, *, local: bool
) -> tuple[Any, Any, tuple[Any, dict[str, Any]]]:
    config, _ = PreTrainedConfig.get_config_dict(name, local_files_only=local)
    check_type(config, name)
    processor = Glm4vImageProcessorPil.from_pretrained(
        name, do_resize=False, local_files_only=local
    )
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, local_files_only=local)
    # Unpickling a checkpoint would run its code: safetensors only.
    model: Any = Glm4vForConditionalGeneration.from_pretrained(
        name,
        dtype="auto" if dtype is None else dtype,
        use_safetensors=True,
        output_loading_info=True,
        local_files_only=local,
    )
    return processor, tokenizer, model


def _reach_hub(name: str) -> None:
    """Ask the hub for a model once: a download would try for half a minute, file by file.

    Raises:
        BackendError: If there is no answer, or no such model.
    """
    try:
        HfApi().model_info(name, timeout=_HUB_SECONDS)
    except Exception as error:  # the client's network errors have no common class but this
        raise BackendError(
            f"cannot load the model {name!r}: it is not on this machine, and the hub does not "
            f"give it ({_line(error)}); fetch it beforehand with `hf download {name}`, or name a "
            "local folder"
        ) from error


def _line(error: BaseException) -> str:
    """First line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


class _Watch(StoppingCriteria):
    """Counts tokens, and stops a generation that nobody reads any more."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.length = 0

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: Any) -> Tensor:
        """Whether each sequence is done."""
        self.length = input_ids.shape[1]
        shape, device = input_ids.shape[:1], input_ids.device
        return torch.full(shape, self.cancelled.is_set(), dtype=torch.bool, device=device)
