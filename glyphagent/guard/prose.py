"""What in an answer is ordinary language, although it looks a little like code."""

from __future__ import annotations

import re

_NAMES_TEXT = """\
    JavaScript TypeScript CoffeeScript GitHub GitLab PyPI NumPy SciPy PyTorch FastAPI OpenAI
    LangChain LangGraph GraphQL MySQL PostgreSQL MongoDB SQLite WebSocket WebSockets YouTube
    LinkedIn DevOps macOS iOS iPhone iPad LaTeX OAuth CamelCase camelCase snake_case VSCode
    CPython PyPy IPython Node.js node.js Vue.js Next.js D3.js Three.js README e.g i.e
    StackOverflow DataFrame OpenSSL LibreSSL OpenAPI IPv4 IPv6 WiFi APIs URLs IDs HTMLs PDFs
    FreeBSD NetBSD OpenBSD DragonFly KiB MiB GiB TiB CPUs GPUs UUIDs UTF-8 UTF-16 UTF-32 ASCII"""
_NAMES = frozenset(_NAMES_TEXT.split())
_MIXED = re.compile(
    r"(?:utf-?(?:8|16|32)|sha-?(?:1|2|256|384|512)|md5|base(?:16|32|64|85)|ipv[46]|http/?[123]"
    r"(?:\.[01])?|oauth-?[12]|python-?[23](?:\.\d{1,2})?|es(?:[3-9]|20\d\d)|x86|x64|win32"
    r"|u?int(?:8|16|32|64)|float(?:16|32|64)|\d{1,3}-?(?:bit|byte|digit)s?|\d+(?:st|nd|rd|th)"
    r"|latin-?1|iso-?(?:8601|8859(?:-\d+)?)|pep-?\d+|rfc-?\d+|h2|p2p|i18n|l10n|k8s|s3|ec2|2d|3d"
    r"|\d{1,2}(?:x|-tuple|-dimensional|-element|-line|-way|-step)|[45]xx|[123]xx|\d+(?:\.\d+)*\.x)\Z",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\s+(?:(?!for\b|of\b|in\b|to\b|and\b|or\b|on\b|is\b|at\b)\w+\s+){0,2}?(?:functions?|class(?:es)?|methods?|files?|lines?|arguments?|parameters?"
    r"|places?|imports?|importers?|modules?|definitions?|occurrences?|calls?|callers?|cases?"
    r"|steps?|ways?|items?|names?|constants?|variables?|attributes?|fields?|documents?|matches"
    r"|overloads?|subclasses|references?|mentions?|usages?|uses|branches|levels?|parts?|types?"
    r"|entries|keys|values|options?|others?|more|things?|pages?|tests?|decorators?|statements?"
    r"|fixtures?|examples?|properties|exceptions?|errors?|times|results?|answers?|points?)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:lines?|pages?|steps?|chapter|sections?|items?|columns?|notes?|no\.|nr\.|options?|figure"
    r"|tables?|images?|rfc|pep|python|part|point|case|example|row|number)\s+(?:[\d.]+\s*(?:,|-|\u2013|and|to|or)\s*)*\Z",
    re.IGNORECASE,
)
_RELEASE_OF = re.compile(
    r"\b(?:c?python|pypy|node(?:\.js)?|java|tls|ssl|http|unicode|openssl)\s+"
    r"(?:(?:older|newer|lower|higher|later)\s+than\s+|before\s+|below\s+|above\s+|since\s+|from\s+"
    r"|version\s+|[<>\u2265\u2264]=?\s*)?[`*]*\Z",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t>*\-#]*\(?\Z")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nothing|nowhere|neither|nor|without|cannot|absent|missing|lacks?)\b"
    r"|n't\b|n\u2019t\b",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"(?:\b(?:no|without|lacks?|neither|nor)"
    r"|(?:\b(?:not|never|cannot)|n['\u2019]t)\s+(?:\w+\s+)?(?:define|have|export|support|provide|expose"
    r"|accept|take|contain|include|mention|know|implement|offer|declare|import)s?)"
    r"(?:\s+(?!(?:and|but|raises?|returns?|gives?|calls?|means?|is|are|it|they|only)\b)[\w'-]+){0,3}\s*\Z|\u6ca1\u6709\s*\Z",
    re.IGNORECASE,
)
_NOT_IN = re.compile(
    r"[`'\"*]*(?:\s*(?:,|or|and|nor)\s*[`'\"]*[\w.()]+[`'\"]*)*\s*\b(?:is|are|was|were|does|do)"
    r"(?:\s+not|n['\u2019]t)\s+(?:\w+\s+)?(?:exist|includ|defin|there|in\b|list|present|found|support"
    r"|available|part|mention|provid|anywhere|implement|export)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:docstring|documentation|comment|message|says?|said|reads?|text|string|literal|quotes?"
    r"|described as|states?|raises?|value|default)\b",
    re.IGNORECASE,
)
_SMALL_WORDS_TEXT = """\
    about above after again against all along already also although always among and another
    any are because been before being below between both but called can case class code comes
    constant could defined definition defines does each either else even every field file files
    first follow following for from function gets give given gives has have here how however
    inside instead into its itself just last like line lines makes many may means method might
    module more most much must name named names need needs neither never next none not nothing
    now object once one only onto other others otherwise over own page pages parameter part place
    places property read reads really return returned returns said same say says see seen set
    sets several shall should show shown shows since some source still such take taken takes text
    than that the their them then there these they thing this those through thus too two type
    under until upon use used uses using value values variable very was way well were what when
    where whether which while who whole whose why will with within without would yes yet you your"""
_SMALL_WORDS = frozenset(_SMALL_WORDS_TEXT.split())


def ordinary_name(word: str) -> bool:
    """Whether a word with capitals or dots inside is a product's or format's name."""
    return word in _NAMES or word.rstrip("s") in _NAMES


def ordinary_number(word: str, before: str, after: str) -> bool:
    """Whether a number in prose counts, orders or numbers something, and is no fact of the source.

    Args:
        word: The number.
        before: What stands before it in its row.
        after: What stands behind it in its row.
    """
    if _MIXED.match(word):
        return True
    if re.fullmatch(r"\d{1,3}", word) and (_COUNTED.match(after) or _ITEM.match(before)):
        return bool(_COUNTED.match(after)) or after[:1] in (".", ")", ":")
    if _RELEASE_OF.search(before) and re.fullmatch(r"\d+(?:\.\d+)*\+?", word):
        return True
    return re.fullmatch(r"\d+(?:\.\d+)*", word) is not None and bool(_NUMBERED.search(before))


def of_the_world(word: str) -> bool:
    """Whether a word names an encoding, a protocol, a size or the like, and no file."""
    return _MIXED.match(word) is not None


def negated(sentence: str) -> bool:
    """Whether a sentence says that something is not so."""
    return _NEGATION.search(sentence) is not None


def absent(before: str, after: str) -> bool:
    """Whether what stands between two stretches of a row is said not to be there.

    Args:
        before: The row up to it.
        after: The row behind it.
    """
    listed = re.sub(r"(?:[`'\"][^`'\"]*[`'\"][()\s]*(?:,|or|and|nor)?\s*)+\Z", "", before + "`")
    return any(_LACKS.search(text.rstrip("`* ")) for text in (before, listed)) or (
        _NOT_IN.match(after) is not None
    )


def cites_words(sentence: str) -> bool:
    """Whether a sentence says that words in quotation marks stand in the source."""
    return _SAYS.search(sentence) is not None


def telling_words(text: str) -> frozenset[str]:
    """Words of prose that say what it is about, without their endings."""
    words = re.findall(r"[A-Za-z]{4,}", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    return frozenset(stem(word) for word in words if word.lower() not in _SMALL_WORDS)


def stem(word: str) -> str:
    """A word in small letters without the commonest English endings."""
    word = word.lower()
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "er", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
