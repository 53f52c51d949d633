"""Files that are no register: told by how they begin, each with what it is and what to do."""

import zipfile

from idp.adapters.customer_files.table import UnreadableFileError

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"

_SAVE = "open it in a spreadsheet program and save it as .xlsx or CSV UTF-8"
_BINARY = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file; unpack it"),
    (b"7z\xbc\xaf", "a compressed file; unpack it"),
    (b"Rar!", "a compressed file; unpack it"),
    (b"PAR1", "a Parquet file; write it as CSV UTF-8"),
    (b"SQLite format 3", "a database; export the table as CSV UTF-8"),
    (b"{\\rtf", "a text document; copy the table into a spreadsheet and save that as .xlsx"),
    (b"ID;P", f"a SYLK file; {_SAVE}"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_TEXT = (
    (("mime-version:", "content-type: multipart"), f"a web archive, whatever it is called; {_SAVE}"),
    (
        ("<!doctype html", "<html", "<head", "<meta", "<style", "<table", "<div"),
        f"a web page, whatever it is called; {_SAVE}",
    ),
    (("<?xml", "<workbook"), f"XML, perhaps of Excel 2003; {_SAVE}"),
    (("{", "[{", '["'), "JSON; write it as CSV UTF-8"),
)
_PARTS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb); open it and save it as .xlsx"),
    ("word/document.xml", "a Word document; copy the table into a spreadsheet and save that as .xlsx"),
    ("ppt/presentation.xml", "a PowerPoint document"),
    ("Index/Document.iwa", "a document of Apple Numbers; export it as Excel (.xlsx) or CSV"),
    ("content.xml", "an OpenDocument file (.ods); open it and save it as .xlsx or CSV UTF-8"),
)


def refuse_binary(content: bytes) -> None:
    """Raise UnreadableFileError for what is no text and no package of office documents."""
    if content.startswith(OLD_OFFICE):
        raise UnreadableFileError(f"this is {_old_office(content)}")
    for mark, what in _BINARY:
        if content.startswith(mark):
            raise UnreadableFileError(f"this is {what}")


def refuse_markup(text: str) -> None:
    """Raise UnreadableFileError for text that is no table; web pages are often called .xls."""
    beginning = text[:2000].lstrip("\ufeff \t\r\n").casefold()
    for marks, what in _TEXT:
        if beginning.startswith(marks):
            raise UnreadableFileError(f"this is {what}")


def refuse_package(package: zipfile.ZipFile) -> None:
    """Raise UnreadableFileError for an archive that is no workbook."""
    names = set(package.namelist())
    if any(part.flag_bits & 1 for part in package.infolist()):
        raise UnreadableFileError("this is protected by a password; save it without one")
    for name, what in _PARTS:
        if name in names:
            raise UnreadableFileError(f"this is {what}")
    if "[Content_Types].xml" not in names:
        raise UnreadableFileError(
            "this is an archive and no workbook; unpack it, or save the workbook again if it is damaged"
        )


def _old_office(content: bytes) -> str:
    """An encrypted workbook is wrapped in the format of old Office files (MS-OFFCRYPTO 2.3)."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "protected by a password; open it with the password and save it without one"
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return "an old Excel file (.xls); open it and save it as .xlsx or CSV UTF-8"
    return "an old Office file and no workbook"
