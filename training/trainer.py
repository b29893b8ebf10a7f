"""The state of a reading run, and one step of it.

The learning rate follows the share of the budget that is spent, so a budget is also a schedule.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import Glm4vForConditionalGeneration

from glyphagent.atlas import bundled_atlas

from .model import HIDDEN, GlyphHead, build_model, tile_tokens
from .tiles import ATLASES, Sampler, Tiles, slots_of

_FOREIGN_STEPS = 256  # foreign tiles are slow to make: each one serves sixteen steps
_FOREIGN_BANK = 16


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, apart from its data and its budget.

    Attributes:
        tiles: Tiles of each atlas in a step.
        foreign: Tiles of each atlas in a step that are to be met with doubt.
        foreign_from: Share of the budget after which they come; sooner they hinder learning.
        blank_weight: Weight of a blank cell's loss; half of many pages is blank.
        foreign_weight: Weight of the doubt's loss beside the reading loss.
        warmup: Share of the budget over which the learning rate rises.
        compiled: Whether the step goes through torch.compile, where a C++ compiler is found.
    """

    seed: int = 20
    dimension: int = 128
    tiles: Mapping[str, int] = field(default_factory=lambda: {"fixed-7x14": 96, "fixed-7x7": 160})
    foreign: int = 16
    foreign_from: float = 0.4
    learning_rate: float = 2e-3
    final_learning_rate: float = 3e-5
    warmup: float = 0.04
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 0.5
    blank_weight: float = 0.2
    foreign_weight: float = 0.1
    random_share: float = 0.3
    compiled: bool = True


class Trainer:
    """The state of a run: weights, optimiser, sampler, clock."""

    def __init__(self, recipe: Recipe, pools: Mapping[str, Tiles]) -> None:
        """Start a run at its first step."""
        self.recipe = recipe
        self.model = build_model(recipe.seed)
        self.head = build_head(recipe)
        self.visual: nn.Module = self.model.model.visual
        self.sampler = Sampler(pools, recipe.seed + 2, recipe.random_share)
        self.parameters = [*_reading_parameters(self.visual), *self.head.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self.parameters if p.dim() > 1]},
            {"params": [p for p in self.parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(
            groups,
            lr=recipe.learning_rate,
            betas=recipe.betas,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self.steps = 0
        self.cpu_seconds = 0.0
        self._pools = pools
        self._foreign: tuple[int, dict[str, Tensor]] = (-1, {})
        self._losses = _losses_of(recipe)

    def step(self, done: float) -> dict[str, float]:
        """Take one step with `done` of the budget spent; return its figures."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(done)
        drawn = {name: self.sampler.draw(name, n) for name, n in self.recipe.tiles.items()}
        codes = {name: answer.flatten() for name, (_, answer) in drawn.items()}
        foreign = self._foreign_tiles() if done >= self.recipe.foreign_from else {}
        losses, doubts = self._losses(
            self.visual,
            self.head,
            {n: patches for n, (patches, _) in drawn.items()},
            codes,
            foreign,
        )
        total = torch.zeros(())
        figures = {}
        for name, loss in losses.items():
            weights = torch.where(codes[name] == 0, self.recipe.blank_weight, 1.0)
            mean = (loss * weights).sum() / weights.sum()
            total = total + mean / len(losses)
            figures[f"loss {name}"] = float(mean.detach())
            self.sampler.record(name, codes[name], loss.detach())
        for name, doubt in doubts.items():
            total = total + self.recipe.foreign_weight * doubt / len(doubts)
            figures[f"doubt {name}"] = float(doubt.detach())
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.steps += 1
        return {"loss": float(total.detach()), **figures, "norm": float(norm)}

    def _foreign_tiles(self) -> dict[str, Tensor]:
        """Some of the foreign tiles, which are made anew every so many steps.

        They follow from the seed and the number of the step alone, so a resumed run has the
        same ones without keeping them.
        """
        epoch, turn = divmod(self.steps, _FOREIGN_STEPS)
        if self._foreign[0] != epoch:
            source = Sampler(self._pools, self.recipe.seed + 3 + epoch, self.recipe.random_share)
            count = self.recipe.foreign * _FOREIGN_BANK
            banks = {name: source.foreign_bank(name, count) for name in self.recipe.tiles}
            order = torch.randperm(count, generator=source.generator)
            self._foreign = epoch, {name: bank[order] for name, bank in banks.items()}
        start = turn % _FOREIGN_BANK * self.recipe.foreign
        return {n: b[start : start + self.recipe.foreign] for n, b in self._foreign[1].items()}

    def rate(self, done: float) -> float:
        """Learning rate with `done` of the budget spent: linear warm-up, then a cosine."""
        recipe = self.recipe
        rise = min(1.0, (done + 1e-3) / recipe.warmup) if recipe.warmup else 1.0
        fall = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
        low = recipe.final_learning_rate
        return rise * (low + (recipe.learning_rate - low) * fall)

    def save(self, path: Path) -> None:
        """Write the state, atomically."""
        state = {
            "recipe": asdict(self.recipe),
            "visual": self.visual.state_dict(),
            "head": self.head.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.sampler.generator.get_state(),
            "difficulty": self.sampler.difficulty,
            "steps": self.steps,
            "cpu_seconds": self.cpu_seconds,
        }
        partial = path.with_suffix(f".{os.getpid()}.partial")
        torch.save(state, partial)
        partial.replace(path)

    def restore(self, path: Path) -> None:
        """Take up the state that `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.visual.load_state_dict(state["visual"])
        self.head.load_state_dict(state["head"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.sampler.generator.set_state(state["generator"])
        self.sampler.difficulty = state["difficulty"]
        self.steps = state["steps"]
        self.cpu_seconds = state["cpu_seconds"]


@dataclass(frozen=True)
class Trained:
    """What a checkpoint holds besides the state of the optimiser."""

    model: Glm4vForConditionalGeneration
    head: GlyphHead
    recipe: dict[str, Any]
    steps: int
    cpu_seconds: float


def load_trained(checkpoint: Path) -> Trained:
    """Weights of a run's checkpoint; the decoder is as the seed made it."""
    state = torch.load(checkpoint, weights_only=True)
    recipe = Recipe(**state["recipe"])
    model = build_model(recipe.seed)
    model.model.visual.load_state_dict(state["visual"])
    head = build_head(recipe)
    head.load_state_dict(state["head"])
    return Trained(model, head, state["recipe"], state["steps"], state["cpu_seconds"])


def build_head(recipe: Recipe) -> GlyphHead:
    """Glyph head with its first weights, a function of the recipe alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed + 1)
        return GlyphHead(
            HIDDEN,
            len(bundled_atlas(ATLASES[0]).characters),
            recipe.dimension,
            {name: slots_of(bundled_atlas(name)) for name in ATLASES},
        )


def _reading_parameters(visual: nn.Module) -> Iterator[nn.Parameter]:
    """Weights that reading uses: all but attention, its norm, and the position table."""
    for name, weight in visual.named_parameters():
        silent = ".attn." in name or ".norm1." in name or name.startswith("embeddings.")
        weight.requires_grad_(not silent)
        if not silent:
            yield weight


def cell_losses(
    visual: nn.Module,
    head: GlyphHead,
    patches: Mapping[str, Tensor],
    codes: Mapping[str, Tensor],
    foreign: Mapping[str, Tensor],
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Cross entropy of every cell, and the mean divergence from doubt on foreign tiles.

    One pass of the tower serves all atlases. Doubt is the uniform distribution over classes:
    its cross entropy with the reading, less its entropy.

    Shapes:
        patches: of each atlas, float32 [n, 4, 588]
        codes: of each atlas, int64 [n * slots]
        foreign: of each atlas, or of none, float32 [m, 4, 588]
        returned: of each atlas, float32 [n * slots], and a scalar
    """
    groups = [p for n in patches for p in (patches[n], *([foreign[n]] if n in foreign else []))]
    with torch.autocast("cpu", torch.bfloat16):
        tokens, _ = tile_tokens(visual, torch.cat(groups))
    losses, doubts = {}, {}
    start = 0
    for name in patches:
        known = len(patches[name])
        count = known + (len(foreign[name]) if name in foreign else 0)
        with torch.autocast("cpu", torch.bfloat16):
            logits = head(tokens[start : start + count], name)
        start += count
        read = logits[:known].float().flatten(0, 1)
        losses[name] = F.cross_entropy(read, codes[name], reduction="none")
        if name in foreign:
            unsure = logits[known:].float().flatten(0, 1).log_softmax(-1)
            doubts[name] = -unsure.mean() - math.log(unsure.shape[-1])
    return losses, doubts


def _losses_of(recipe: Recipe) -> Callable[..., tuple[dict[str, Tensor], dict[str, Tensor]]]:
    if not recipe.compiled or shutil.which(os.environ.get("CXX", "g++")) is None:
        return cell_losses
    return torch.compile(cell_losses, dynamic=False)
