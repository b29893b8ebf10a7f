"""The glyph head: which characters a visual token shows, and how sure that is.

For a visual token h of the merged patch, the cells of an atlas inside the patch being its slots,
row by row:

    z      = gelu(h W_slots^T + b_slots)        [slots, d]
    logits = z W_classes^T + b_classes          [slots, classes]

Each atlas has slots of its own; classes are glyph codes and shared. Codes that an atlas cannot
draw are no candidates there: their logits count as -inf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from glyphagent.atlas import bundled_atlas
from glyphagent.errors import KernelError


class GlyphHead:
    """Glyph head for one or more atlases."""

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        atlases: Sequence[str],
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Place the weights, leaving out the classes that an atlas cannot draw.

        Args:
            weights: `slots.<atlas>.weight`, `slots.<atlas>.bias`, `classes.weight`,
                `classes.bias`.
            atlases: Names of the atlases to read.
            device: Where to compute.
            dtype: In which precision to compute; probabilities are float32 always.

        Raises:
            KernelError: If a tensor is missing.
        """

        def take(name: str) -> Tensor:
            if name not in weights:
                raise KernelError(f"the glyph head lacks the tensor {name!r}")
            return weights[name].to(device, dtype)

        self._slots = {
            name: (take(f"slots.{name}.weight"), take(f"slots.{name}.bias")) for name in atlases
        }
        self._classes: dict[str, tuple[Tensor, Tensor]] = {}
        self._codes: dict[str, Tensor] = {}
        for name in atlases:
            codes = torch.from_numpy(bundled_atlas(name).drawable.nonzero()[0]).to(device)
            self._codes[name] = codes
            self._classes[name] = take("classes.weight")[codes], take("classes.bias")[codes]
        self.dimension = int(take("classes.weight").shape[1])

    @torch.inference_mode()
    def __call__(self, tokens: Tensor, atlas: str) -> tuple[Tensor, Tensor]:
        """Most probable code of each cell, and its probability.

        Shapes:
            tokens: [n, width]
            returned: int64 [n, slots], float32 [n, slots]
        """
        inner = F.gelu(F.linear(tokens, *self._slots[atlas]))
        inner = inner.view(tokens.shape[0], -1, self.dimension)
        logits = F.linear(inner, *self._classes[atlas])
        confidence, winner = logits.float().softmax(-1).max(-1)
        return self._codes[atlas][winner], confidence
