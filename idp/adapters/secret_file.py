"""Secret files: one passphrase or password in a file, as whichever editor wrote it."""

import codecs
import unicodedata
from pathlib import Path
from typing import Final

from idp.misconfiguration import Misconfiguration

LONGEST: Final = 4096
"""Bytes; nobody chose a longer password on purpose."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


class SecretFileProblem(Misconfiguration):
    """The file holds no secret that can have been meant; the text names the file and the reason, never the content."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def read_secret(path: Path) -> str:
    """The one line of the file, without its line end and without the mark that some editors put before text.

    Raises SecretFileProblem for everything that could mean two things: another encoding, more lines, spaces at an end.
    """
    line = _text(path).rstrip("\r\n")
    if not line:
        raise SecretFileProblem(path, "is empty")
    if len(line.splitlines()) > 1:
        raise SecretFileProblem(path, "has more than one line; it may hold the secret only")
    if line != line.strip():
        raise SecretFileProblem(path, "begins or ends with a space; remove it, or choose a secret without")
    kinds = {unicodedata.category(character) for character in line}
    if "Cc" in kinds:
        raise SecretFileProblem(path, "is not text; save it as UTF-8")
    if kinds & {"Cf", "Cn", "Co"}:
        raise SecretFileProblem(path, "holds a character that nobody sees; write it again by hand")
    return line


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as problem:
        raise SecretFileProblem(path, f"cannot be read: {problem.strerror}") from None
    if len(data) > LONGEST:
        raise SecretFileProblem(path, f"is longer than {LONGEST} bytes; it may hold the secret only")
    mark, encoding, name = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8", "UTF-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        raise SecretFileProblem(path, f"is not {name}; save it as UTF-8") from None
