"""What all HTML pages have in common: their frame, and the head that a reader sees."""

from __future__ import annotations

from .words import text

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{head}
</head>
<body{attributes}>
{body}
</body>
</html>
"""

THEME = '<button type="button" id="theme" class="quiet">Theme: <span>as the system</span></button>'
"""The button that `theme.js` listens to."""


def document(title: str, assets: str, body: str, *, attributes: str = "", description: str = "") -> str:
    """A page.

    Args:
        title: its title, as plain text.
        assets: the elements that bring style and theme.
        body: what it shows, with its scripts.
        attributes: those of the body element, each with a blank in front.
        description: what a search engine shows, as plain text.
    """
    about = f'<meta name="description" content="{text(description)}">\n' if description else ""
    return _FRAME.format(head=f"{about}<title>{text(title)}</title>\n{assets}", attributes=attributes, body=body)


def top(title: str, lead: str) -> str:
    """The head that a reader sees: the title, as plain text, and one sentence of HTML."""
    return f'<header class="top"><div><h1>{text(title)}</h1><p class="lead">{lead}</p></div>{THEME}</header>'
