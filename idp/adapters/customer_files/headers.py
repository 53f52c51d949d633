"""The headers of a register, as people and programs write them.

Capitals, spaces, dots and hyphens do not matter.

    column                 meaning                                                                 must be there
    customer_number        one customer number, or several between semicolons, commas or bars      yes
    organisation_number    the organisation's, or a sole trader's own                              yes
    name                   of the company                                                          yes
    city                                                                                           no
    email, phone           the contact on file                                                     no
    active                 ja/nej, yes/no, true/false, 1/0, aktiv/inaktiv and their kind           no
    closed                 the same the other way round; a day in the past means closed, too       no
    (not read)             Reason: why a line was refused before, in a report of refused lines     no
"""

import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from idp.adapters.customer_files.table import UnreadableFileError
from idp.core.customer_register.facts import Field

WRITTEN: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: ("Kundnummer", "Kundnr", "Kund-ID", "Customer number", "Customer no", "Customer ID"),
    Field.ORGANISATION_NUMBER: (
        "Organisationsnummer",
        "Organisationsnr",
        "Orgnummer",
        "Org.nr",
        "Person-/orgnr",
        "Org.nr/Personnr",
        "Person-/organisationsnummer",
        "Organisation number",
        "Organization number",
        "Org number",
        "Org no",
    ),
    Field.NAME: (
        "Företag",
        "Företagsnamn",
        "Namn",
        "Kundnamn",
        "Name",
        "Company",
        "Company name",
        "Customer name",
    ),
    Field.CITY: ("Ort", "Postort", "Stad", "City", "Town"),
    Field.EMAIL: ("E-post", "E-postadress", "Mejl", "Mejladress", "E-mail", "E-mail address", "Mail"),
    Field.PHONE: ("Telefon", "Telefonnummer", "Telefonnr", "Tel", "Phone", "Phone number", "Telephone"),
    Field.ACTIVE: ("Aktiv", "Status", "Kundstatus", "Active"),
    Field.CLOSED: ("Inaktiv", "Avslutad", "Stängd", "Upphörd", "Inactive", "Closed"),
}
"""Headers as people write them; the first is the one that we say ourselves."""

MOST_HEADERS = 500
"""More than any export has; each one that we do not know is compared with all that we do."""
REQUIRED = (Field.NUMBER, Field.ORGANISATION_NUMBER, Field.NAME)
REASON_HEADER = "Reason"
"""The column of a report that says why a line was refused; it is passed over when the report is imported."""


def folded(header: str) -> str:
    """Fold a header to small letters and digits, so that "Org.nr" and "ORGNR" are one."""
    return "".join(char for char in unicodedata.normalize("NFKC", header).casefold() if char.isalnum())


HEADERS: Mapping[str, Field] = {folded(name): field for field, names in WRITTEN.items() for name in names}
"""Header as letters and digits only, in small letters, to the column below it."""


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A column that is not imported, and the header that may have been meant."""

    name: str
    meant: str | None

    def __str__(self) -> str:
        return f'"{self.name}"' + (f' (did you mean "{self.meant}"?)' if self.meant else "")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what."""

    places: Mapping[Field, int]
    unknown: tuple[UnknownHeader, ...]


def is_header(name: str) -> bool:
    """Whether we know a column by this name."""
    return folded(name) in HEADERS


def is_reason(header: str) -> bool:
    """Whether a header is that of a report's reasons."""
    return folded(header) == folded(REASON_HEADER)


def has_required(names: Sequence[str]) -> bool:
    """Whether a line names every column that must be there."""
    return {HEADERS.get(folded(name)) for name in names}.issuperset(REQUIRED)


def columns_of(names: Sequence[str]) -> Columns:
    """Understand a line of headers. Raises UnreadableFileError."""
    if (count := sum(bool(name.strip()) for name in names)) > MOST_HEADERS:
        raise UnreadableFileError(f"the line of headers has {count} columns; this is no register")
    places: dict[Field, int] = {}
    unknown: list[UnknownHeader] = []
    for at, name in enumerate(names):
        column = HEADERS.get(folded(name))
        if column is None:
            unknown += [_unknown(name)] if name.strip() and not is_reason(name) else []
        elif column in places:
            raise UnreadableFileError(f'two columns for {WRITTEN[column][0]}: "{names[places[column]]}" and "{name}"')
        else:
            places[column] = at
    if not places:
        raise UnreadableFileError(_no_headers(names))
    if absent := [name for name in REQUIRED if name not in places]:
        others = ", ".join(map(str, unknown))
        raise UnreadableFileError(
            f"no column for {' and '.join(WRITTEN[name][0] for name in absent)}"
            + (f"; not understood: {others}" if others else "")
        )
    return Columns(places, tuple(unknown))


def accepted_headers() -> Iterator[tuple[Field, tuple[str, ...], bool]]:
    """Each column with the headers it may stand under, and whether it must be there."""
    for field, names in WRITTEN.items():
        yield field, names, field in REQUIRED


def _no_headers(names: Sequence[str]) -> str:
    """A file without headers begins with somebody's data, which is not repeated here."""
    if any(is_header(part) for name in names for mark in ";,\t|" for part in name.split(mark)):
        return "every line is in quotation marks as a whole, so it has one column only; export the file again"
    return "the first line names no known column; it must hold the headers"


def _unknown(name: str) -> UnknownHeader:
    close = difflib.get_close_matches(folded(name), HEADERS, n=1, cutoff=0.75)
    return UnknownHeader(name.strip(), _as_written(close[0]) if close else None)


def _as_written(header: str) -> str:
    return next(name for name in WRITTEN[HEADERS[header]] if folded(name) == header)
