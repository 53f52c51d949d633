"""Simple markdown: shows userVisibleData of format simpleMarkdownV1 as safe HTML (no links, no images, no HTML)."""

import re
from html import escape
from itertools import groupby

_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(\*|_)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(r"(#{1,3}) +(.+)")
_ITEM = re.compile(r"[-+*] +(.+)")
_RULE = re.compile(r"(-{3,}|\*{3,}|_{3,})")


def lines_of(text: str) -> list[str]:
    """The lines of a text in which CR, LF and CRLF all end a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def plain_html(text: str) -> str:
    """Plain text as HTML: everything escaped, line breaks kept."""
    return "<br>".join(escape(line) for line in lines_of(text))


def markdown_html(text: str) -> str:
    """Simple markdown as HTML; what is not understood is shown as plain text."""
    blocks = []
    for kind, lines in groupby(lines_of(text.strip()), key=_kind):
        blocks.append(_block(kind, list(lines)))
    return "".join(blocks)


def _kind(line: str) -> str:
    stripped = line.strip()
    if not stripped:
        return "blank"
    if _RULE.fullmatch(stripped):
        return "rule"
    if _HEADING.fullmatch(stripped):
        return "heading"
    if _ITEM.fullmatch(stripped):
        return "item"
    return "row" if stripped.startswith("|") and stripped.endswith("|") else "text"


def _block(kind: str, lines: list[str]) -> str:
    match kind:
        case "blank":
            return ""
        case "rule":
            return "<hr>"
        case "heading":
            return "".join(_heading(line.strip()) for line in lines)
        case "item":
            return "<ul>" + "".join(f"<li>{_inline(line.strip()[1:].strip())}</li>" for line in lines) + "</ul>"
        case "row":
            return "<table>" + "".join(_row(line) for line in lines if line.strip("|:- \t")) + "</table>"
        case _:
            return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _heading(line: str) -> str:
    marks, _, words = line.partition(" ")
    level = len(marks) + 2
    return f"<h{level}>{_inline(words.strip())}</h{level}>"


def _row(line: str) -> str:
    cells = line.strip().strip("|").split("|")
    return "<tr>" + "".join(f"<td>{_inline(cell.strip())}</td>" for cell in cells) + "</tr>"


def _inline(text: str) -> str:
    return _EMPHASIS.sub(r"<em>\2</em>", _STRONG.sub(r"<strong>\2</strong>", escape(text)))
