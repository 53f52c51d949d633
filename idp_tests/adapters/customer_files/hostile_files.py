"""A generator of registers as ERP exports, data frames and office programs make them, each with what it must end as."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from idp.core.customer_register.cell import Refusal
from idp_tests.adapters.customer_files.workbooks import rewritten, strict

HEADERS = ("Kundnummer", "Organisationsnummer", "Företag", "Ort")


@dataclass(frozen=True)
class Customer:
    """One line of the register that everybody means."""

    number: str
    organisation_number: str
    name: str
    city: str


TRUTH = (
    Customer("10012345", "556016-0680", "Björkbackens Måleri AB", "Växjö"),
    Customer("10012346", "559904-1125", "Åkessons Åkeri & Söner HB", "Malmö"),
    Customer("10012347", "559907-3383", "Café Kringlan på hörnet", "Härnösand"),
    Customer("10012348", "121212-1212", "Tolvans Ärliga Städ", "Örebro"),
    Customer("10012349", "559911-8253", "Göteborgs Låssmed AB", "Göteborg"),
)
"""Letters enough that no encoding is in doubt, and a sole trader."""


@dataclass(frozen=True)
class Meant:
    """Every line is read as it was meant."""


@dataclass(frozen=True)
class LinesRefused:
    """Every line is refused for this reason."""

    reason: Refusal


@dataclass(frozen=True)
class FileRefused:
    """The file as a whole is refused with these words."""

    words: str


Outcome = Meant | LinesRefused | FileRefused


@dataclass(frozen=True)
class HostileFile:
    """A file, what is strange about it, and how it must end."""

    kind: str
    what: str
    name: str
    content: bytes
    outcome: Outcome


Write = Callable[[Customer], Customer]


def number(write: Callable[[str], str]) -> Write:
    """Writes the customer number in another way."""
    return lambda customer: Customer(write(customer.number), customer.organisation_number, customer.name, customer.city)


def organisation(write: Callable[[str], str]) -> Write:
    """Writes the organisation number in another way, given its ten digits."""
    return lambda customer: Customer(
        customer.number, write(customer.organisation_number.replace("-", "")), customer.name, customer.city
    )


def named(write: Callable[[str], str]) -> Write:
    """Writes name and city in another way."""
    return lambda customer: Customer(
        customer.number, customer.organisation_number, write(customer.name), write(customer.city)
    )


def grouped(digits: str, mark: str) -> str:
    """Digits in groups of three."""
    return f"{int(digits):,}".replace(",", mark)


NUMBERS: dict[str, tuple[Write, Outcome]] = {
    "plain": (number(str), Meant()),
    "decimal .0": (number("{}.0".format), Meant()),
    "decimals .00": (number("{}.00".format), Meant()),
    "decimals ,00": (number("{},00".format), Meant()),
    "power of ten, whole": (number(lambda n: f"{n[0]}.{n[1:]}E7"), Meant()),
    "power of ten, cut": (number(lambda n: f"{n[0]},{n[1:5]}E+07"), LinesRefused(Refusal.LOST_DIGITS)),
    "groups with spaces": (number(lambda n: grouped(n, " ")), Meant()),
    "groups with no-break spaces": (number(lambda n: grouped(n, "\u00a0")), Meant()),
    "groups with dots": (number(lambda n: grouped(n, ".")), Meant()),
    "groups with commas": (number(lambda n: grouped(n, ",")), Meant()),
    "groups with apostrophes": (number(lambda n: grouped(n, "'")), Meant()),
    "an apostrophe in front": (number("'{}".format), Meant()),
    "text formula": (number('="{}"'.format), Meant()),
    "label": (number("Kundnr: {}".format), Meant()),
    "a hyphen": (number(lambda n: f"{n[:3]}-{n[3:]}"), Meant()),
    "blanks around": (number("  {}\t".format), Meant()),
    "two numbers or one": (number(lambda n: f"{n[:4]} {n[4:]}"), LinesRefused(Refusal.AMBIGUOUS)),
    "a range": (number(lambda n: f"{n}-{int(n) + 5}"), LinesRefused(Refusal.AMBIGUOUS)),
    "half a number": (number("{}.5".format), LinesRefused(Refusal.FRACTION)),
    "a date": (number(lambda n: f"2023-03-{n[-2:]}" if int(n[-2:]) < 32 else "2023-03-27"), LinesRefused(Refusal.DATE)),
    "negative": (number("-{}".format), LinesRefused(Refusal.MALFORMED)),
    "an error": (number(lambda _: "#REF!"), LinesRefused(Refusal.ERROR_VALUE)),
    "too narrow a column": (number(lambda _: "#########"), LinesRefused(Refusal.ERROR_VALUE)),
    "no value": (number(lambda _: "NaN"), LinesRefused(Refusal.MISSING)),
    "a formula": (number(lambda _: "=A2+1"), LinesRefused(Refusal.FORMULA)),
    "organisation as a decimal": (organisation("{}.0".format), Meant()),
    "organisation in groups": (organisation(lambda ten: grouped(ten, " ")), Meant()),
    "organisation as VAT number": (organisation("SE{}01".format), Meant()),
    "organisation, cut": (organisation(lambda ten: f"{ten[0]},{ten[1:6]}E+09"), LinesRefused(Refusal.LOST_DIGITS)),
    "organisation, a digit short": (organisation(lambda ten: ten[:-1]), LinesRefused(Refusal.MALFORMED)),
    "organisation, wrong digit": (
        organisation(lambda ten: ten[:-1] + str((int(ten[-1]) + 1) % 10)),
        LinesRefused(Refusal.CHECK_DIGIT),
    ),
    "two organisations": (organisation(lambda ten: f"{ten}, 5560360793"), LinesRefused(Refusal.SEVERAL)),
    "the name an error": (named(lambda _: "#N/A"), LinesRefused(Refusal.NO_NAME)),
    "letters that became question marks": (
        named(lambda name: name.encode("ascii", "replace").decode()),
        LinesRefused(Refusal.NO_NAME),
    ),
    "separators left behind": (named("{};;".format), Meant()),
}
UNICODE_NUMBERS: dict[str, tuple[Write, Outcome]] = {
    "the name encoded twice": (
        named(lambda name: name.encode().decode("cp1252", "replace")),
        LinesRefused(Refusal.NO_NAME),
    ),
    "full-width digits": (number(lambda n: "".join(chr(ord(digit) + 0xFEE0) for digit in n)), Meant()),
    "narrow no-break spaces": (number(lambda n: grouped(n, "\u202f")), Meant()),
    "an invisible mark": (number("\ufeff{}".format), Meant()),
    "a dash": (number(lambda n: f"{n[:3]}–{n[3:]}"), Meant()),
    "a minus sign": (organisation(lambda ten: f"{ten[:6]}−{ten[6:]}"), Meant()),
    "a typographic apostrophe": (number("’{}".format), Meant()),
    "Arabic digits": (
        number(lambda n: "".join(chr(0x660 + int(digit)) for digit in n)),
        LinesRefused(Refusal.MALFORMED),
    ),
}
ENCODINGS: dict[str, Outcome] = {
    **dict.fromkeys(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"], Meant()),
    **dict.fromkeys(["cp1252", "latin-1", "iso-8859-15", "cp437", "cp850", "cp865", "mac_roman"], Meant()),
}
DELIMITERS = {"semicolons": ";", "commas": ",", "tabs": "\t", "bars": "|"}
QUOTING = {"as needed": csv.QUOTE_MINIMAL, "always": csv.QUOTE_ALL}


def text(rows: Sequence[Customer], delimiter: str = ";", quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n") -> str:
    """The register as text with delimiters."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(HEADERS)
    writer.writerows((row.number, row.organisation_number, row.name, row.city) for row in rows)
    return written.getvalue()


def hostile_texts() -> Iterator[HostileFile]:
    """Encodings × delimiters × quotation × numbers."""
    for encoding, outcome in ENCODINGS.items():
        for delimited, delimiter in DELIMITERS.items():
            for quoted, quoting in QUOTING.items():
                content = text(TRUTH, delimiter, quoting).encode(encoding)
                yield HostileFile(
                    "encoding × delimiter", f"{encoding}, {delimited}, {quoted}", "r.csv", content, outcome
                )
    for what, (write, outcome) in (NUMBERS | UNICODE_NUMBERS).items():
        rows = [write(customer) for customer in TRUTH]
        for delimited, delimiter in DELIMITERS.items():
            for encoding in ("utf-8", "utf-16", "cp1252", "cp850") if what in NUMBERS else ("utf-8", "utf-16"):
                try:
                    content = text(rows, delimiter).encode(encoding)
                except UnicodeEncodeError:
                    continue
                yield HostileFile("number × delimiter", f"{what}, {delimited}, {encoding}", "r.csv", content, outcome)
    yield from _broken_texts()


def _broken_texts() -> Iterator[HostileFile]:
    good = text(TRUTH)
    lines = good.splitlines()
    cases: dict[str, tuple[bytes, Outcome]] = {
        "lines end as on old Macs": (text(TRUTH, end="\r").encode(), Meant()),
        "a blank line between all": (text(TRUTH, end="\n\n").encode(), Meant()),
        "a hint for Excel": (f"sep=;\r\n{good}".encode(), Meant()),
        "titles above": (f"Kundregister;;;\r\nUtskrivet 2026-11-22;;;\r\n\r\n{good}".encode(), Meant()),
        "headers in between": ("\r\n".join([*lines[:3], lines[0], *lines[3:]]).encode(), Meant()),
        "the end mark of DOS": (good.encode("cp850") + b"\x1a", Meant()),
        "called .xls": (text(TRUTH, "\t").encode("cp1252"), Meant()),
        "no headers": ("\r\n".join(lines[1:]).encode(), FileRefused("must hold the headers")),
        "each line quoted as a whole": (
            "\r\n".join('"' + line.replace('"', '""') + '"' for line in lines).encode(),
            FileRefused("in quotation marks as a whole"),
        ),
        "two encodings": (good.encode() * 3 + good.encode("cp1252"), FileRefused("two encodings")),
        "an old Swedish character set": (
            good.translate(str.maketrans("ÅÄÖåäöé&", "][\\}{|e ")).encode(),
            FileRefused("no column for Företag"),
        ),
        "Cyrillic": ("Компания;Имя\nИванов;Пётр\n".encode("cp1251"), FileRefused("neither a workbook nor text")),
        "zero bytes": (good.encode().replace(b"AB", b"A\0"), FileRefused("neither a workbook nor text")),
        "a web page": (b"<html><table><tr><td>Kundnummer</td></tr></table></html>", FileRefused("a web page")),
        "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook/>', FileRefused("XML")),
        "JSON": (b'[{"Kundnummer": "10012345"}]', FileRefused("JSON")),
        "nothing": (b"", FileRefused("empty")),
        "columns of blanks": (good.replace(";", "   ").encode(), FileRefused("no known column")),
    }
    for what, (content, outcome) in cases.items():
        yield HostileFile("text oddity", what, "r.xls" if what == "called .xls" else "r.csv", content, outcome)


Fill = Callable[[Worksheet], None]
CELLS: dict[str, tuple[Callable[[str], object], str, Outcome]] = {
    "whole numbers": (int, "General", Meant()),
    "decimals": (float, "General", Meant()),
    "text": (str, "@", Meant()),
    "zeros in front by format": (int, "00000000", Meant()),
    "two decimals by format": (int, "0.00", Meant()),
    "groups by format": (int, "#,##0", Meant()),
    "power of ten by format": (int, "0.00E+00", Meant()),
    "text with an apostrophe": ("'{}".format, "General", Meant()),
    "text with a no-break space": (lambda n: grouped(n, "\u00a0"), "General", Meant()),
    "half a number": (lambda n: float(n) + 0.5, "General", LinesRefused(Refusal.FRACTION)),
    "a percentage": (int, "0%", LinesRefused(Refusal.MALFORMED)),
    "a date": (lambda n: date(2023, 3, int(n[-1]) + 1), "yyyy-mm-dd", LinesRefused(Refusal.DATE)),
    "a formula without its result": ("={}+0".format, "General", LinesRefused(Refusal.FORMULA)),
    "an error": (lambda _: "#N/A", "General", LinesRefused(Refusal.ERROR_VALUE)),
    "true": (lambda _: True, "General", LinesRefused(Refusal.MALFORMED)),
    "power of ten as text": (lambda _: "1,00123E+07", "@", LinesRefused(Refusal.LOST_DIGITS)),
}


def workbook(write: Callable[[str], object], number_format: str, then: Fill | None = None, *, top: int = 1) -> bytes:
    """The register as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Kunder"
    for at, header in enumerate(HEADERS, start=1):
        sheet.cell(top, at, header)
    for row, customer in enumerate(TRUTH, start=top + 1):
        sheet.cell(row, 1, write(customer.number)).number_format = number_format  # type: ignore[call-overload]
        for at, value in enumerate((customer.organisation_number, customer.name, customer.city), start=2):
            sheet.cell(row, at, value)
    if then is not None:
        then(sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _second_sheet(title: str, state: str, *, register: bool) -> Fill:
    def fill(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        other = sheet.parent.create_sheet(title, 0)
        other.sheet_state = state
        if register:
            other.append([*HEADERS])
            other.append(["99999999", "556036-0793", "Gamla bolaget AB", "Lund"])

    return fill


def _hidden(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True


def _remarks(sheet: Worksheet) -> None:
    sheet["H3"], sheet["A40"] = "ring innan", None
    sheet.merge_cells("H5:J6")


def _far(sheet: Worksheet) -> None:
    sheet.cell(1_048_576, 4).number_format = "0.00"


SHEETS: dict[str, tuple[Fill | None, Outcome]] = {
    "one sheet": (None, Meant()),
    "an empty sheet in front": (_second_sheet("Info", "visible", register=False), Meant()),
    "a hidden register in front": (_second_sheet("Gamla", "hidden", register=True), Meant()),
    "two registers": (_second_sheet("Gamla", "visible", register=True), FileRefused("name one with --sheet")),
    "hidden rows and columns": (_hidden, Meant()),
    "remarks and merged cells beside": (_remarks, Meant()),
    "a styled row far away": (_far, Meant()),
}
DIALECTS: dict[str, Callable[[bytes], bytes]] = {
    "transitional": bytes,
    "strict": strict,
    "without an extent": lambda content: rewritten(
        content, lambda _name, part: part.replace(b"<dimension ", b"<ignored ") if b"<dimension " in part else part
    ),
}


def hostile_workbooks() -> Iterator[HostileFile]:
    """Number formats × sheets × dialects."""
    for what, (write, number_format, of_cells) in CELLS.items():
        for which, (then, of_sheets) in SHEETS.items():
            outcome = of_sheets if isinstance(of_sheets, FileRefused) else of_cells
            for dialect, change in DIALECTS.items():
                content = change(workbook(write, number_format, then))
                yield HostileFile("cell × sheet", f"{what}, {which}, {dialect}", "r.xlsx", content, outcome)
    yield HostileFile("sheet oddity", "headers on row 9", "r.xlsx", workbook(int, "General", top=9), Meant())
    yield HostileFile("sheet oddity", "called .csv", "r.csv", workbook(int, "General"), Meant())
    whole = workbook(int, "General")
    yield HostileFile("sheet oddity", "cut off", "r.xlsx", whole[: len(whole) // 2], FileRefused("damaged"))
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    for part, words in (("EncryptedPackage", "protected by a password"), ("Workbook", "an old Excel file")):
        yield HostileFile("sheet oddity", words, "r.xlsx", old + part.encode("utf-16-le"), FileRefused(words))
    yield HostileFile("sheet oddity", "text called .xlsx", "r.xlsx", text(TRUTH).encode(), FileRefused("not an XLSX"))


def hostile_files() -> Iterator[HostileFile]:
    """All of them."""
    yield from hostile_texts()
    yield from hostile_workbooks()
