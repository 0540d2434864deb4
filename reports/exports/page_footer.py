"""The foot of a printed worksheet: a text on the left, the page number on the right."""

MAX_FOOTER = 255
"""Characters that Excel takes, with codes such as &L."""
_LEFT, _RIGHT = "&L&8", "&R&8&P of &N"


def page_footer(text: str) -> str:
    """Return the code of a footer with `text`, cut to what Excel takes."""
    # A digit behind "&8" would be read as a part of the size.
    cut = f" {text}" if text[:1].isdigit() else text
    # A cut between the two of an escaped "&" would leave half of it, which makes a code of what follows.
    while len(_LEFT + cut.replace("&", "&&") + _RIGHT) > MAX_FOOTER:
        cut = cut[:-1]
    return _LEFT + cut.replace("&", "&&") + _RIGHT
