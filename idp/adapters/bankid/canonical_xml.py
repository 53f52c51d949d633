"""Reading of XML that already is in canonical form, with the exact bytes of every element kept for digests.

Signatures are computed over canonical bytes. What is refused here (declarations of types, comments, processing
instructions, prefixes, other quotes, self-closing tags, text beside elements) is what wrapping and parser attacks are made
of, and nothing of it can occur in a document that is its own canonical form (Canonical XML 1.0).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

SIZE_LIMIT = 400_000
DEPTH_LIMIT = 16

_PROLOGUE = re.compile(rb'(?:<\?xml version="1\.0" encoding="UTF-8"(?: standalone="(?:no|yes)")?\?>)?')
_TOKEN = re.compile(
    rb"<(?P<open>[A-Za-z][A-Za-z0-9]*)(?P<attributes>(?: [A-Za-z]+=\"[^\"<>&\t\r\n]*\")*)>"
    rb"|</(?P<close>[A-Za-z][A-Za-z0-9]*)>"
    rb"|(?P<text>[^<>\r]+)"
)
_ATTRIBUTE = re.compile(r" ([A-Za-z]+)=\"([^\"]*)\"")
_ENTITY = re.compile(r"&[^;]*;?")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&#xD;": "\r"}


@dataclass(slots=True)
class Element:
    """One element: it holds either elements or text, never both. `raw` is its bytes, tags included."""

    name: str
    attributes: dict[str, str]
    start: int
    children: list[Self] = field(default_factory=list)
    text: str = ""
    raw: bytes = b""

    def child_names(self) -> list[str]:
        """The names of the children in order."""
        return [child.name for child in self.children]

    def only(self, name: str) -> Self:
        """The one child of that name; raises ValueError when there are none or several."""
        found = [child for child in self.children if child.name == name]
        if len(found) != 1:
            raise ValueError(f"{self.name} needs exactly one {name}")
        return found[0]

    def walk(self) -> Iterator[Self]:
        """The element and everything in it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_canonical_xml(document: bytes) -> Element:
    """Read a whole document; raises ValueError for anything that is not canonical."""
    if len(document) > SIZE_LIMIT:
        raise ValueError("the document is too large")
    prologue = _PROLOGUE.match(document)
    position = prologue.end() if prologue else 0
    open_elements: list[Element] = []
    while True:
        token = _TOKEN.match(document, position)
        if token is None:
            raise ValueError("the document is not canonical XML")
        if (name := token["open"]) is not None:
            _open(open_elements, name.decode(), token["attributes"].decode(), position)
        elif (name := token["close"]) is not None:
            element = _close(open_elements, name.decode(), document, token.end())
            if not open_elements:
                return _alone(element, document, token.end())
        else:
            _add_text(open_elements, token["text"].decode())
        position = token.end()


def _open(open_elements: list[Element], name: str, attributes: str, position: int) -> None:
    if len(open_elements) >= DEPTH_LIMIT:
        raise ValueError("the elements are nested too deeply")
    element = Element(name=name, attributes=_read_attributes(attributes), start=position)
    if open_elements:
        _refuse_mixture(open_elements[-1], has_text=bool(open_elements[-1].text), has_children=True)
        open_elements[-1].children.append(element)
    open_elements.append(element)


def _close(open_elements: list[Element], name: str, document: bytes, end: int) -> Element:
    if not open_elements or open_elements[-1].name != name:
        raise ValueError("an end tag does not match")
    element = open_elements.pop()
    element.raw = document[element.start : end]
    return element


def _add_text(open_elements: list[Element], text: str) -> None:
    if not open_elements:
        raise ValueError("text stands outside of elements")
    _refuse_mixture(open_elements[-1], has_text=True, has_children=bool(open_elements[-1].children))
    open_elements[-1].text = _ENTITY.sub(_entity, text)


def _refuse_mixture(element: Element, *, has_text: bool, has_children: bool) -> None:
    if has_text and has_children:
        raise ValueError(f"{element.name} mixes text and elements")


def _alone(element: Element, document: bytes, end: int) -> Element:
    if end != len(document):
        raise ValueError("something follows the document")
    return element


def _read_attributes(text: str) -> dict[str, str]:
    pairs = _ATTRIBUTE.findall(text)
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names) or names != sorted(names, key=lambda name: (name != "xmlns", name)):
        raise ValueError("attributes are doubled or not in canonical order")
    return dict(pairs)


def _entity(match: re.Match[str]) -> str:
    try:
        return _ENTITIES[match[0]]
    except KeyError:
        raise ValueError("an entity is not canonical") from None
