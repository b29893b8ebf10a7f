"""The model card of `nano`, made from `run.json` and the figures of `evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

CARD_FILE = "MODEL_CARD.md"

_HEAD = """# nano, the embedded reader of glyphagent

`nano` reads page images that glyphagent rendered: pixels in, characters out, with a confidence
for every cell. It is a stock `Glm4vForConditionalGeneration` (vision tower 192 wide and 3 deep,
decoder 256 wide and 6 deep, {parameters:.1f} million parameters) with a glyph head beside it
(`glyph_head.safetensors`), which reads the cells of each 28x28 pixel patch off its visual token.

**What is trained: the vision tower and the glyph head, for reading. The language decoder is
exported as it was initialised. It is untrained: it answers nothing, and generation is not served
for this checkpoint.** The embedded backend answers from what was read, by symbolic lookup.

It reads the bundled atlases `fixed-7x14` (8 cells a patch) and `fixed-7x7` (16 cells a patch),
where cells are aligned to the patch grid. Its input is each pixel's distance from the paper, so
dark themes read like light ones. It cannot read other fonts, scaled pages or photographs; it was
trained to be unsure of such pages, as measured below. Lossy compression was neither trained nor
measured.

Reading is local: the vision attention's output and the position table are exactly zero, as
initialised, so a patch is read alike on a page of any size, and nothing but its own pixels
decides. The weights still load and run in the stock class.
"""


def card(run: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    """Model card as Markdown.

    Args:
        run: What `run.json` holds.
        figures: What `evaluate` returned.
    """
    parts = [_HEAD.format(parameters=run["parameters"] / 1e6), _accuracy(figures)]
    parts += [_confidence(figures), _foreign(figures), _confusions(figures), _origin(run)]
    return "\n".join(parts)


def write_card(folder: Path, run: Mapping[str, Any], figures: Mapping[str, Any]) -> Path:
    """Write the card into the checkpoint's folder."""
    path = folder / CARD_FILE
    path.write_text(card(run, figures), encoding="utf-8")
    return path


def _accuracy(figures: Mapping[str, Any]) -> str:
    projects = ", ".join(f"{n} {v}" for n, v in sorted(figures["projects"].items()))
    measured = dict(figures["styles"])
    measured |= {f"{name}, random characters": f for name, f in figures["random"].items()}
    rows = [
        f"| {name} | {f['pages'] or '-'} | {f['cells']:,} | {f['errors']:,} "
        f"| {f['error_share']:.4%} |"
        for name, f in measured.items()
    ]
    return (
        "## Accuracy\n\n"
        f"Held-out projects, of which no file, vendored copy or near copy was trained on: "
        f"{projects}; {figures['documents']} documents, {figures['characters']:,} characters. "
        "Cells are those that show something; a cell without ink is a space, which needs no model. "
        "Random characters are all that the atlas draws, alike often, in random colours. "
        "The weights are the exported bfloat16 ones, computed in float32.\n\n"
        "| preset, layout | pages | cells | errors | error share |\n|-|-:|-:|-:|-:|\n"
        + "\n".join(rows)
        + "\n"
    )


def _confidence(figures: Mapping[str, Any]) -> str:
    first = next(iter(figures["styles"].values()))
    thresholds = list(first["confidence"])
    head = " | ".join(f"wrong, right below {t}" for t in thresholds)
    rows = []
    for name, found in figures["styles"].items():
        shares = [
            f"{_share(found['confidence'][t]['errors_below'])}, "
            f"{_share(found['confidence'][t]['right_below'])}"
            for t in thresholds
        ]
        auroc = "-" if found["auroc"] is None else f"{found['auroc']:.4f}"
        rows.append(f"| {name} | {auroc} | {' | '.join(shares)} |")
    return (
        "## Confidence\n\nShare of the wrong cells, and of the right ones, whose confidence lies "
        "below a threshold; AUROC is the chance that a wrong cell has less confidence than a "
        "right one.\n\n"
        f"| preset, layout | AUROC | {head} |\n|-|-:|{'-:|' * len(thresholds)}\n"
        + "\n".join(rows)
        + "\n"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _foreign(figures: Mapping[str, Any]) -> str:
    rows = [
        f"| {name} | " + ", ".join(f"{what} {mean:.3f}" for what, mean in found.items()) + " |"
        for name, found in figures["foreign"].items()
    ]
    return (
        "## Pages that it should not read\n\nMean confidence over inked cells of the same pages, "
        "as rendered and changed. The embedded backend refuses a page below 0.97.\n\n"
        "| preset | mean confidence |\n|-|-|\n" + "\n".join(rows) + "\n"
    )


def _confusions(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, found in figures["styles"].items():
        pairs = ", ".join(f"{_code(a)} as {_code(b)} ({n})" for a, b, n in found["confusions"][:6])
        rows.append(f"- {name}: {pairs or 'none'}")
    return "## Commonest errors\n\n" + "\n".join(rows) + "\n"


def _code(name: str) -> str:
    if name == " ":
        return "space"
    return name if name.startswith("mark") else f"`` {name} ``"


def _origin(run: Mapping[str, Any]) -> str:
    data = run["data"]
    licences: dict[str, int] = {}
    for project in data["projects"]:
        licences[project["licence"]] = licences.get(project["licence"], 0) + 1
    listed = "; ".join(f"{name} ({count})" for name, count in sorted(licences.items()))
    packages = ", ".join(f"{name} {number}" for name, number in run["packages"].items())
    return (
        "## Origin\n\n"
        f"- Trained by `make nano`: {run['cpu_seconds'] / 60:.1f} minutes of one processor core, "
        f"{run['steps']:,} steps, no GPU, seed {run['recipe']['seed']}.\n"
        f"- Text: {data['characters']:,} characters of {len(data['projects'])} permissively "
        f"licensed projects that the training machine had installed (`run.json` lists them), "
        f"digest {data['digest']}; and random characters.\n"
        f"- Licences as the projects state them, with the number of projects: {listed}.\n"
        f"- Made with {packages}; code at {run['revision']}.\n"
        f"- Licence of the weights: Apache-2.0.\n"
    )
