"""What pages cost a model beside their text, and what speaks against sending them.

Exact where the model's formula is: every page is counted at its own size. The answer names each
reason, for a program and for a person, so that nothing is skipped without being told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glyphagent.errors import PageError
from glyphagent.outcomes import Estimate, SkipReason
from glyphagent.page import Page
from glyphagent.profiles import UNKNOWN, Prices, Profile, is_unresampled, visual_tokens
from glyphagent.raster import png_bytes
from glyphagent.targets import SAFEST_PRESET
from glyphagent.tokens import TOKENIZER, break_even, compression_ratio, images_win

_MILLION = 1_000_000
_REMEMBERED = 65_536
_sizes: dict[str, int] = {}


def costs(
    model: str,
    profile: Profile,
    pages: Sequence[Page],
    documents: int,
    text_tokens: int,
    prices: Prices | None = None,
) -> Estimate:
    """What a source costs a model, as text and as these pages.

    Args:
        model: Id of the model, as the user gave it.
        profile: Its profile.
        pages: The pages.
        documents: How many documents they show.
        text_tokens: Tokens of these documents as text.
        prices: What a million tokens cost; None for what the user's profiles say.
    """
    seen, refused = _visual(profile, pages)
    limits = _limits(profile, pages)
    resampled = 0
    if profile.takes_images:
        resampled = sum(not is_unresampled(profile, p.width_px, p.height_px) for p in pages)
    money = prices or profile.prices
    text_cost, image_cost = float(text_tokens), float(seen)
    if money is not None:
        text_cost, image_cost = _price(text_tokens, money.text), _price(seen, money.of_images)
    win = images_win(text_cost, image_cost)
    reasons: list[SkipReason] = []
    if not profile.takes_images:
        reasons.append("unknown model" if profile.name == UNKNOWN.name else "text only")
    elif not pages:
        reasons.append("no pages")
    else:
        reasons += ["page refused"] if refused else []
        reasons += ["page resampled"] if resampled - refused else []
        reasons += limits.reasons
        reasons += [] if win else ["ratio below margin"]
    return Estimate(
        model=model,
        text_tokens=text_tokens,
        tokenizer=TOKENIZER,
        visual_tokens=seen,
        compression_ratio=compression_ratio(text_tokens, seen),
        pages=len(pages),
        documents=documents,
        advice="send text" if reasons or not win else "send images",
        profile=profile.name,
        images_win=win,
        break_even=break_even(text_cost, image_cost),
        reasons=tuple(reasons),
        warnings=tuple(_warnings(model, profile, pages, refused, resampled, limits)),
        requests=limits.requests,
        resampled_pages=resampled,
        image_bytes=limits.image_bytes,
        prices=money,
        text_cost=text_cost if money else None,
        image_cost=image_cost if money and seen else None,
        text_cost_cached=_cached(profile, money, text_tokens, text_cost) if money else None,
        image_cost_cached=_cached(profile, money, seen, image_cost) if money and seen else None,
        text_cost_written=_written(profile, money, text_cost) if money else None,
        image_cost_written=_written(profile, money, image_cost) if money and seen else None,
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the model's limits of a request come to."""

    requests: int
    reasons: tuple[SkipReason, ...] = ()
    image_bytes: int | None = None


def _visual(profile: Profile, pages: Sequence[Page]) -> tuple[int, int]:
    """Visual tokens of all pages that the model takes, and how many it does not take."""
    tokens = refused = 0
    for page in pages:
        try:
            tokens += visual_tokens(profile, page.width_px, page.height_px)
        except PageError:
            refused += 1
    return tokens, refused


def _limits(profile: Profile, pages: Sequence[Page]) -> _Limits:
    if not profile.takes_images or not pages:
        return _Limits(0)
    sizes = _byte_sizes(profile, pages)
    requests, count, total, longest = 1, 0, 0, 0
    by_count = by_bytes = False
    for page, size in zip(pages, sizes or [0] * len(pages), strict=True):
        side = max(longest, page.width_px, page.height_px)
        most = profile.max_images
        if profile.many_images is not None and side > (profile.many_max_side_px or 0):
            most = min(profile.many_images, most or profile.many_images)
        full = most is not None and count + 1 > most
        heavy = profile.max_bytes is not None and total + size > profile.max_bytes
        if count and (full or heavy):
            by_count, by_bytes = by_count or full, by_bytes or heavy
            requests, count, total = requests + 1, 0, 0
            side = max(page.width_px, page.height_px)
        count, total, longest = count + 1, total + size, side
    alone = min(n for n in (profile.max_image_bytes, profile.max_bytes, float("inf")) if n)
    reasons: list[SkipReason] = []
    reasons += ["page larger than byte limit"] if sizes and max(sizes) > alone else []
    reasons += ["too many images"] if by_count else []
    reasons += ["too many bytes"] if by_bytes else []
    return _Limits(requests, tuple(reasons), sum(sizes) if sizes else None)


def _byte_sizes(profile: Profile, pages: Sequence[Page]) -> list[int]:
    """Bytes of each page as base64; nothing if no limit can be reached, however they pack."""
    if profile.max_bytes is None and profile.max_image_bytes is None:
        return []
    # Pages have 4 bits a pixel; what does not pack grows by less than a hundredth.
    most = [int((page.width_px // 2 + 2) * page.height_px * 1.01 * 4 / 3) + 4096 for page in pages]
    within = profile.max_bytes is None or sum(most) <= profile.max_bytes
    if within and (profile.max_image_bytes is None or max(most) <= profile.max_image_bytes):
        return []
    return [_base64_size(page) for page in pages]


def _base64_size(page: Page) -> int:
    known = _sizes.get(page.digest)
    if known is None:
        known = (len(png_bytes(page)) + 2) // 3 * 4
        if len(_sizes) >= _REMEMBERED:
            _sizes.clear()
        _sizes[page.digest] = known
    return known


def _price(tokens: int, for_a_million: float) -> float:
    return tokens * for_a_million / _MILLION


def _cached(profile: Profile, prices: Prices, tokens: int, cost: float) -> float | None:
    """What tokens cost once they are in the provider's cache."""
    if prices.cached is not None:
        return _price(tokens, prices.cached)
    rate = profile.cache.read_multiplier if profile.cache else None
    return None if rate is None else cost * rate


def _written(profile: Profile, prices: Prices, cost: float) -> float | None:
    """What tokens cost when they are put into the provider's cache; None if that is not known."""
    rules = profile.cache
    known = prices.cached is not None or (rules is not None and rules.read_multiplier is not None)
    if rules is None or not known:
        return None
    if rules.write_multiplier is None:  # an automatic cache without a price of its own for it
        return cost if rules.automatic else None
    return cost * rules.write_multiplier


def _warnings(
    model: str,
    profile: Profile,
    pages: Sequence[Page],
    refused: int,
    resampled: int,
    limits: _Limits,
) -> list[str]:
    if not profile.takes_images and profile.name != UNKNOWN.name:
        return []  # as the user's own profile has it
    if not profile.takes_images:
        return [
            f"how {model or 'this model'} sees images is not known, so it is sent text: add it to "
            "your profiles.toml if you know"
        ]
    told = []
    if profile.preset is None:
        told.append(
            f"no page style was measured on {profile.name}: pages are drawn as {SAFEST_PRESET}, "
            "the most legible one, unless you choose; check what it reads against the source"
        )
    if profile.preset is None and profile.tokenizer != TOKENIZER:
        told.append(
            f"text tokens are counted with {TOKENIZER}, which is not the tokenizer of "
            f"{profile.name}: its own count differs"
        )
    if refused:
        told.append(f"{refused} of {len(pages)} pages have a size that {profile.name} refuses")
    if resampled - refused:
        told.append(
            f"{resampled - refused} of {len(pages)} pages would be resampled on the way to "
            f"{profile.name}, which blurs small letters"
        )
    if limits.requests > 1:
        told.append(
            f"the pages need {limits.requests} requests of {profile.name}: narrow the source"
        )
    return told
