"""Files that are no register, each told by name."""

import re

import pytest

from idp.adapters.customer_files.kinds import refuse_binary, refuse_markup
from idp.adapters.customer_files.table import UnreadableFileError

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLD + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLD + "Workbook".encode("utf-16-le"), "an old Excel file (.xls)"),
        (OLD + "WordDocument".encode("utf-16-le"), "an old Office file and no workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"PAR1", "a Parquet file"),
        (b"SQLite format 3\0", "a database"),
        (b"ID;PWXL;N;E\r\n", "a SYLK file"),
    ],
)
def test_another_kind_of_file_is_told_by_name(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=re.escape(said)):
        refuse_binary(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\ufeff\n<html><body><table><tr><td>Kundnummer</td></tr></table>", "a web page"),
        ("<TABLE border=1>", "a web page"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related", "a web archive"),
        ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML"),
        ('[{"kundnummer": 1}]', "JSON"),
    ],
)
def test_text_that_is_no_table_is_told_by_name(text: str, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=re.escape(said)):
        refuse_markup(text)


@pytest.mark.parametrize("text", ["Kundnummer;Namn", "<", "{", "html;head"])
def test_a_table_is_no_other_kind(text: str) -> None:
    refuse_binary(text.encode())
    if text != "{":
        refuse_markup(text)
