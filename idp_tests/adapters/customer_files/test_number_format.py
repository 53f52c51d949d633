"""Number formats: what a reader of the sheet sees of a stored number."""

import pytest

from idp.adapters.customer_files.number_format import BUILT_IN, NumberFormat


@pytest.mark.parametrize(
    ("code", "stored", "shown"),
    [
        ("General", "10012345", "10012345"),
        ("General", "5.56016068E9", "5560160680"),
        ("General", "10012345.5", "10012345.5"),
        ("@", "10012345", "10012345"),
        ("0", "731204", "731204"),
        ("00000000", "731204", "00731204"),
        ("00000000;[Red]-00000000", "731204", "00731204"),
        (r"000000\-0000", "101011234", "0101011234"),
        ("#,##0", "10012345", "10012345"),
        ("# ##0", "10012345", "10012345"),
        ("0.00", "10012345", "10012345.00"),
        ("0.00E+00", "10012345", "10012345"),
        ('"K"00000', "12", "K00012"),
        (r"\K00000", "12", "K00012"),
        ("[$kr-41D] #,##0", "10012345", "10012345"),
        ('#,##0 "st"', "10012345", "10012345"),
        ("# ?/?", "10012345", "10012345"),
        ("0%", "10012345", "10012345%"),
        ("yyyy-mm-dd", "45012", "2023-03-27"),
        ("d mmm", "45012", "2023-03-27"),
        ("yyyy-mm-dd hh:mm", "45012.5", "2023-03-27 12:00:00"),
        ("[h]:mm", "45012", "2023-03-27"),
        ("yyyy-mm-dd", "99999999", "99999999"),
        ("General", "12345678901234567890", "1.23456789012346E+19"),
        ("General", "not a number", "not a number"),
    ],
)
def test_what_is_shown_of_a_number(code: str, stored: str, shown: str) -> None:
    assert NumberFormat.of(code).shown(stored) == shown


def test_workbooks_of_old_macs_count_days_from_1904() -> None:
    assert NumberFormat.of("yyyy-mm-dd").shown("43550", since_1904=True) == "2023-03-27"


def test_built_in_dates_are_dates() -> None:
    assert all(NumberFormat.of(BUILT_IN[number]).is_date for number in (14, 22, 45))
