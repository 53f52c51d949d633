"""Workbooks as office programs make them, and parts of them changed by hand."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Change = Callable[[str, bytes], bytes | None]

STRICT = (
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def xlsx_bytes(fill: Callable[[Worksheet], object]) -> bytes:
    """A workbook with one sheet, filled by the caller."""
    workbook = openpyxl.Workbook()
    fill(workbook.worksheets[0])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def rewritten(content: bytes, change: Change, more: Mapping[str, bytes] | None = None) -> bytes:
    """The package with each part changed, dropped (None) or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()} | dict(more or {})
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return written.getvalue()


def strict(content: bytes) -> bytes:
    """The same workbook as Excel writes it as "Strict Open XML" (ISO/IEC 29500-1)."""

    def change(_name: str, part: bytes) -> bytes:
        for old, new in STRICT:
            part = part.replace(old, new)
        return part

    return rewritten(content, change)


def with_sheet(sheet: bytes, *, more: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook whose only sheet is this XML between <sheetData> and its end."""
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = b'<worksheet xmlns="' + main + b'"><sheetData>' + sheet + b"</sheetData></worksheet>"
    plain = xlsx_bytes(lambda _sheet: None)
    return rewritten(plain, lambda name, old: part if name.startswith("xl/worksheets/") else old, more)


def with_strings(strings: bytes, sheet: bytes = b'<row><c t="s"><v>0</v></c></row>') -> bytes:
    """A workbook with these shared strings between <sst> and its end."""
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Id="rId77" Type="' + kind + b'" Target="/xl/sharedStrings.xml"/></Relationships>'

    def share(name: str, part: bytes) -> bytes:
        return part.replace(b"</Relationships>", relation) if name == "xl/_rels/workbook.xml.rels" else part

    part = b'<sst xmlns="' + main + b'">' + strings + b"</sst>"
    return rewritten(with_sheet(sheet), share, {"xl/sharedStrings.xml": part})


def write(path: Path, content: bytes) -> Path:
    """The bytes in a file."""
    path.write_bytes(content)
    return path
