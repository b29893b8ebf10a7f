"""Names of other software, which an answer may mention beside the source.

What is ascribed to another library by name is no claim about the source, as long as it is not a
misread name of the source.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import resources

# Packages that answers about code often compare with, by their import or distribution name.
_OTHERS_TEXT = """\
    aiohttp anthropic anyio attrs boto3 botocore brotli brotlicffi bs4 celery certifi chardet
    charset_normalizer click cryptography curl cython dask dateutil django dotenv express fastapi
    flask gevent gin go grpc gunicorn h11 h2 hypercorn httpcore httpx hypothesis idna isort java
    jinja2 jsonschema langchain lodash lxml marshmallow matplotlib mypy networkx node nose npm
    numpy openai opencv orjson packaging pandas perl php pip pipx poetry postgres protobuf psycopg
    psycopg2 pycurl pydantic pygments pyopenssl pyparsing pyright pytest pytz pyyaml quart rails
    react redis requests rich ruby ruff rust sanic scikit-learn scipy scrapy selenium sentry
    setuptools simplejson six sklearn spring sqlalchemy sqlite starlette structlog sympy tenacity
    tensorflow textual toml tomli torch tornado tox tqdm transformers trio twisted typer typescript
    typing_extensions ujson urllib3 uv uvicorn uvloop vue websocket websockets werkzeug wheel
    wsproto yaml yarl zstandard zope"""
_OTHERS = frozenset(_OTHERS_TEXT.split())
_WORD = re.compile(r"[A-Za-z][\w-]*")
_CODED = re.compile(r"[A-Za-z\d]_[A-Za-z\d]|\A_[a-z]|[a-z][A-Z]|[A-Z]{2}[a-z]")
_NEARBY = 60


@cache
def standard_names() -> frozenset[str]:
    """Public names of Python's standard library that are recognizable as names of code.

    They are a list and not looked up, as importing a module by its name could run a file of the
    source that happens to be called so.
    """
    text = resources.files(__package__).joinpath("standard_names.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def coded(word: str) -> bool:
    """Whether a word is written as only names of code are: `with_underscore`, `camelCase`."""
    return _CODED.search(word) is not None and word not in standard_names()


def library(word: str) -> bool:
    """Whether a word is the name of a well-known package, or of a module of Python itself."""
    return word.lower() in _OTHERS or word in sys.stdlib_module_names


def ascribed(before: str, after: str, root_name: str) -> bool:
    """Whether a name is said to be that of another library: "Django's `x`", "`x` in httpx".

    Args:
        before: What stands before the name in its sentence.
        after: What stands behind it.
        root_name: The source's own name.
    """
    near = re.split(r"[.;:]\s", before)[-1][-_NEARBY:]
    for match in _WORD.finditer(near):
        word = re.sub(r"s\Z", "", match.group()) if match.group().endswith("'s") else match.group()
        rest = near[match.end() :]
        if _other(word, root_name) and re.match(
            r"(?:'s|\u2019s)\s[\s`*]*\Z|\s\((?:as|its|with|called|e\.g\.)\s[\s`*]*\Z", rest
        ):
            return True
    told = re.match(r"[`*()]*\s*(?:in|from|of|by)\s+[`*]*([A-Za-z][\w-]*)", after)
    return told is not None and _other(told.group(1), root_name)


def _other(word: str, root_name: str) -> bool:
    return word.lower() != root_name.lower() and word.lower() in _OTHERS
