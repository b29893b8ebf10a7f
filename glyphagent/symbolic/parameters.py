"""The parameters in a signature as written, by its brackets and commas alone."""

from __future__ import annotations

import re

_NAME = re.compile(r"(?:\.\.\.|\*{0,2})?[A-Za-z_$][\w$]*")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def parameters(signature: str) -> list[tuple[str, str]]:
    """Give the (name, text as written) of each parameter, without `self` and bare markers."""
    start = signature.find("(")
    if start < 0:
        return []
    found = []
    for part in _split(signature[start + 1 :]):
        text = re.sub(r"\s+", " ", part).strip()
        text = re.sub(r"\A(?:(?:public|private|protected|readonly) )+", "", text)
        match = _NAME.match(text)
        if match is not None and match.group() not in ("self", "cls", "this"):
            found.append((match.group(), text))
        elif match is None and text[:1] in ("{", "["):
            found.append((text, text))
    return found


def parameter_named(signature: str, name: str) -> str | None:
    """Text of the parameter with a name, as written, or None."""
    return next((text for each, text in parameters(signature) if each.lstrip("*.") == name), None)


def _split(text: str) -> list[str]:
    """Parts between commas of the outermost level, up to the bracket that closes it."""
    parts, depth, current, quote = [], [], "", ""
    skip = False
    for position, character in enumerate(text):
        if skip:
            skip = character != "\n"
            continue
        if quote:
            current += character
            escaped = text[position - 1] == "\\" and text[position - 2 : position] != "\\\\"
            if character == quote and not escaped:
                quote = ""
        elif character in "'\"`":
            quote = character
            current += character
        elif character == "#" or text.startswith("//", position):
            # A comment between parameters may hold anything.
            skip = True
        elif character in _PAIRS:
            depth.append(_PAIRS[character])
            current += character
        elif depth and character == depth[-1]:
            depth.pop()
            current += character
        elif not depth and character == ")":
            break
        elif not depth and character == ",":
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]
