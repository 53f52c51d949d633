"""A part of an office document, read piece by piece: whatever it holds, it takes little memory and comes to an end."""

from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.parsers import expat

from idp.adapters.customer_files.table import UnreadableFileError

LARGEST_PART = 400_000_000
"""Bytes, unpacked."""
_PIECE = 1 << 16
_DEEPEST = 100
_MOST_NAMES = 5000
_LONGEST_TOKEN = 1 << 20

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def too_large() -> UnreadableFileError:
    """What is said of a document that unpacks to far more than a register."""
    return UnreadableFileError("the workbook is far larger inside than any customer register; it is not read")


def damaged() -> UnreadableFileError:
    """What is said of a document that is not well-formed."""
    return UnreadableFileError("the workbook is damaged; open it, and save it again")


def read_part(part: IO[bytes], start: Start, end: End, text: Text) -> Iterator[None]:
    """Feed a part to three handlers; names come without their prefix. Yields after each piece.

    Document types are refused, and so with them entities that unfold. What grows with depth, with the count of names or
    with the length of one token is bounded, for the parser keeps all of that (CWE-400). Raises UnreadableFileError.
    """
    depth = 0

    def started(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise too_large()
        start(name.rpartition(":")[2], attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    fed = 0
    try:
        while piece := part.read(_PIECE):
            fed += len(piece)
            parser.Parse(piece, False)
            if len(parser.intern) > _MOST_NAMES or fed - parser.CurrentByteIndex > _LONGEST_TOKEN or fed > LARGEST_PART:
                raise too_large()
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, EOFError, ValueError, OverflowError):
        raise damaged() from None


def _refuse_doctype(*_: object) -> None:
    raise damaged()
