"""Small secret files: whatever an editor makes of one is read as it is meant, or refused by name and never shown."""

import codecs
import traceback
from pathlib import Path

import pytest

from idp.adapters.secret_file import SecretFileProblem, read_secret

SECRET = "Hemligt ord: åäö€"


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "passphrase.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        SECRET.encode(),
        f"{SECRET}\n".encode(),
        f"{SECRET}\r\n".encode(),
        f"{SECRET}\r".encode(),
        f"{SECRET}\n\n".encode(),
        codecs.BOM_UTF8 + f"{SECRET}\r\n".encode(),
        codecs.BOM_UTF16_LE + f"{SECRET}\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + f"{SECRET}\n".encode("utf-16-be"),
    ],
    ids=["bare", "LF", "CRLF", "CR", "two line ends", "UTF-8 with a mark", "UTF-16 LE", "UTF-16 BE"],
)
def test_what_editors_write_is_read_as_it_is_meant(tmp_path: Path, content: bytes) -> None:
    assert read_secret(written(tmp_path, content)) == SECRET


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SECRET.encode("latin-1", "replace"), "is not UTF-8"),
        ("lösen".encode("cp1252"), "is not UTF-8"),
        ("secret".encode("utf-16-le"), "is not text"),
        (codecs.BOM_UTF16_LE + b"x", "is not UTF-16"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (b"one\ntwo\n", "more than one line"),
        ("one\u2028two".encode(), "more than one line"),
        (b" secret\n", "begins or ends with a space"),
        (b"secret \n", "begins or ends with a space"),
        ("\u00a0secret".encode(), "begins or ends with a space"),
        (b"sec\x00ret", "is not text"),
        (b"sec\x1bret", "is not text"),
        ("sec\u200bret".encode(), "character that nobody sees"),
        (b"x" * 5000, "is longer than"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(SecretFileProblem, match=reason) as caught:
        read_secret(path)
    assert caught.value.path == path
    assert str(path) in str(caught.value)


def test_a_refusal_never_shows_the_secret(tmp_path: Path) -> None:
    path = written(tmp_path, b"canary-secret\xff\n")
    try:
        read_secret(path)
    except SecretFileProblem as problem:
        said = "".join(traceback.format_exception(problem))
    assert "canary" not in said


def test_a_file_that_is_missing_or_a_directory_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.txt", tmp_path):
        with pytest.raises(SecretFileProblem, match="cannot be read") as caught:
            read_secret(path)
        assert caught.value.path == path
