"""Headers of a register: known in two languages, however they are spelled."""

import pytest

from idp.adapters.customer_files.headers import (
    MOST_HEADERS,
    UnknownHeader,
    accepted_headers,
    columns_of,
    folded,
    has_required,
    is_header,
    is_reason,
)
from idp.adapters.customer_files.table import UnreadableFileError
from idp.core.customer_register.facts import Field


@pytest.mark.parametrize("header", ["Org.nr", "ORGNR", " org nr ", "Org-nr.", "\ufeffOrgnr", "Ｏｒｇｎｒ"])
def test_capitals_spaces_dots_and_hyphens_do_not_matter(header: str) -> None:
    assert folded(header) == "orgnr"
    assert is_header(header)


def test_every_column_has_its_headers_as_people_write_them() -> None:
    accepted = {field: (names, needed) for field, names, needed in accepted_headers()}
    assert accepted.keys() == set(Field)
    assert {"Kundnummer", "Kundnr"} <= set(accepted[Field.NUMBER][0])
    assert {"Organisationsnummer", "Org.nr"} <= set(accepted[Field.ORGANISATION_NUMBER][0])
    assert {"Företag", "Namn"} <= set(accepted[Field.NAME][0])
    assert [field for field, (_, needed) in accepted.items() if needed] == [
        Field.NUMBER,
        Field.ORGANISATION_NUMBER,
        Field.NAME,
    ]


def test_no_header_stands_for_two_columns() -> None:
    names = [folded(name) for _, names, _ in accepted_headers() for name in names]
    assert len(names) == len(set(names))


def test_columns_are_found_wherever_they_stand() -> None:
    found = columns_of(["Säljare", "Namn", "", "Orgnr", "Kundnr", "Reason"])
    assert found.places == {Field.NAME: 1, Field.ORGANISATION_NUMBER: 3, Field.NUMBER: 4}
    assert found.unknown == (UnknownHeader("Säljare", None),)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["10012345", "556016-0680"], "must hold the headers"),
        (["Kundnr,Orgnr,Namn"], "in quotation marks as a whole"),
        (["Namn", "Ort"], "no column for Kundnummer and Organisationsnummer$"),
        (["Kundnr", "Kund-ID", "Orgnr", "Namn"], 'two columns for Kundnummer: "Kundnr" and "Kund-ID"'),
    ],
)
def test_headers_that_cannot_be_used_say_why(names: list[str], why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        columns_of(names)


def test_a_line_of_more_headers_than_any_register_has_is_refused_at_once() -> None:
    needed = ["Kundnummer", "Org.nr", "Namn"]
    assert len(columns_of([*needed, *map(str, range(MOST_HEADERS - 3)), *[""] * 16_000]).unknown) == MOST_HEADERS - 3
    with pytest.raises(UnreadableFileError, match="1500003 columns"):
        columns_of([*needed, *["Kundnumer"] * 1_500_000])


def test_a_line_of_headers_names_every_needed_column() -> None:
    assert has_required(["kundnr", "namn", "orgnr", "x"])
    assert not has_required(["kundnr", "namn"])


def test_the_column_of_reasons_is_none_of_ours() -> None:
    assert is_reason("reason")
    assert not is_header("Reason")
