"""The reserved glyphs with which a page says what plain characters cannot.

Marks stand in an atlas beside the characters and are named by private-use code points, so that
no source text can be mistaken for one: private-use characters of the source are always drawn
as escapes. The renderers write marks, `transcript` reads them.

    HEADER path (INDENT | TAB_INDENT)   opens a part of a document; the closing mark carries the
                                        indent of the part's first line (layout `flow`)
    INDENT[n], TAB_INDENT[n]            a line feed, and n spaces or tabs at the next line's start
    NUMBER digits before such a mark    that next line's number (flow: counted in its part)
    ESCAPE hex ESCAPE_END               a character that the atlas lacks
    TAB, RETURN                         a tab, a carriage return
    END                                 nothing follows on this page
    WRAP, LINE_END, NO_LINE_END         layout `lines`: a row that continues the line above (with
                                        HEADER after it: the header above), the end of a line that
                                        closes with blanks, a part of a line that no line feed
                                        follows
"""

END = "\ue000"
HEADER = "\ue001"
TAB = "\ue002"
RETURN = "\ue003"
ESCAPE = "\ue004"
ESCAPE_END = "\ue005"
WRAP = "\ue006"
LINE_END = "\ue007"
NO_LINE_END = "\ue008"
NUMBERS = "".join(chr(0xE010 + digit) for digit in range(10))
INDENTS = "".join(chr(0xE020 + count) for count in range(41))
TAB_INDENTS = "".join(chr(0xE050 + count) for count in range(1, 13))

MAX_INDENT = len(INDENTS) - 1
MAX_TAB_INDENT = len(TAB_INDENTS)

ALL = (
    END
    + HEADER
    + TAB
    + RETURN
    + ESCAPE
    + ESCAPE_END
    + WRAP
    + LINE_END
    + NO_LINE_END
    + NUMBERS
    + INDENTS
    + TAB_INDENTS
)


def newline_mark(spaces: int = 0, tabs: int = 0) -> str:
    """Mark for a line feed followed by `spaces` spaces, or by `tabs` tabs.

    Raises:
        ValueError: If both are given, or more than one mark can carry.
    """
    if (spaces and tabs) or spaces > MAX_INDENT or tabs > MAX_TAB_INDENT:
        raise ValueError(f"one mark cannot carry {spaces} spaces and {tabs} tabs")
    return TAB_INDENTS[tabs - 1] if tabs else INDENTS[spaces]
