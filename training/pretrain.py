"""The reading stage: the vision tower and the glyph head learn to read tiles.

One loop under a budget of processor time. A run can be killed at any moment: a checkpoint holds
the weights, the optimiser, the random state and the clock, and a resumed run does what the
unbroken one would have done, step for step.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .tiles import Tiles
from .trainer import Recipe, Trainer

CHECKPOINT = "checkpoint.pt"
METRICS = "metrics.jsonl"


def train(
    recipe: Recipe,
    pools: Mapping[str, Tiles],
    folder: Path,
    *,
    minutes: float,
    fresh: bool = False,
    save_every_s: float = 60.0,
    report_every_s: float = 5.0,
    report: Callable[[dict[str, float]], None] = lambda figures: None,
) -> Trainer:
    """Train until the budget of processor minutes is spent, and leave a checkpoint in `folder`.

    Goes on from the checkpoint that is there, unless `fresh`. An interrupt saves first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    trainer = Trainer(recipe, pools)
    if fresh:
        checkpoint.unlink(missing_ok=True)
        (folder / METRICS).unlink(missing_ok=True)
    elif checkpoint.exists():
        trainer.restore(checkpoint)
    budget = minutes * 60
    before, started = trainer.cpu_seconds, time.process_time()
    saved = reported = time.monotonic()
    with (folder / METRICS).open("a", encoding="utf-8") as metrics, _interruptible() as stopped:
        while trainer.cpu_seconds < budget and not stopped:
            figures = trainer.step(trainer.cpu_seconds / budget)
            trainer.cpu_seconds = before + time.process_time() - started
            now = time.monotonic()
            if now - reported >= report_every_s:
                reported = now
                line = {
                    "step": trainer.steps,
                    "cpu_seconds": round(trainer.cpu_seconds, 1),
                    "rate": trainer.rate(trainer.cpu_seconds / budget),
                    **figures,
                }
                metrics.write(json.dumps(line) + "\n")
                metrics.flush()
                report(line)
            if now - saved >= save_every_s:
                saved = now
                trainer.save(checkpoint)
    trainer.save(checkpoint)
    if stopped:
        raise KeyboardInterrupt
    return trainer


@contextlib.contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Collect interrupts and terminations instead of dying of them in the middle of a step."""
    caught: list[int] = []
    before: dict[signal.Signals, Any] = {}
    for name in (signal.SIGINT, signal.SIGTERM):
        before[name] = signal.signal(name, lambda got, _frame: caught.append(got))
    try:
        yield caught
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def print_progress(figures: Mapping[str, float]) -> None:
    """Write one line of figures to standard error."""
    print(
        " ".join(f"{name} {value:.4g}" for name, value in figures.items()),
        file=sys.stderr,
        flush=True,
    )
