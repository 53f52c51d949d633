"""What a spreadsheet shows for a stored number: the zeros and decimals of its format belong to what was meant."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

BUILT_IN = {
    **dict.fromkeys([2, 4, 39, 40], "0.00"),
    **dict.fromkeys([9, 10], "0%"),
    **dict.fromkeys([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)], "yyyy-mm-dd"),
}
"""Those of ECMA-376 part 1, 18.8.30, that change what is read; the other built-in formats show a number plainly."""

_EXACT_BELOW = 10**15
"""Spreadsheets keep fifteen digits (IEEE 754 double)."""
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_LETTERS_IN_FRONT = re.compile(r'(?:"([A-Za-z0-9]*)"|\\([A-Za-z0-9]))(?=[0#?\\"-])')
_DATES_BEGIN = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a day of a calendar


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What matters of a number format's code."""

    is_date: bool = False
    is_percentage: bool = False
    least_digits: int = 0
    decimals: int = 0
    prefix: str = ""

    @classmethod
    def of(cls, code: str) -> "NumberFormat":
        """Read a code such as 00000000, #,##0.00 or yyyy-mm-dd; of several sections the one for positive numbers."""
        section = code.split(";", maxsplit=1)[0]
        bare = _NOT_SHOWN.sub("", section)
        if code.casefold() in ("general", "standard", "@"):
            return cls()
        if re.search("[dmyhs]", bare, re.IGNORECASE) or re.search(r"\[[hms]+\]", section, re.IGNORECASE):
            return cls(is_date=True)
        whole, _, decimals = bare.partition(".")
        prefix = _LETTERS_IN_FRONT.match(section)
        return cls(
            is_percentage="%" in bare,
            least_digits=0 if "E" in bare or "/" in bare else whole.count("0"),
            decimals=0 if "E" in bare else decimals.count("0"),
            prefix=(prefix[1] or prefix[2] or "") if prefix else "",
        )

    def shown(self, stored: str, *, since_1904: bool = False) -> str:
        """The text that a reader of the sheet sees for a stored number, as far as it can matter."""
        try:
            value = float(stored)
        except ValueError:
            return stored
        if self.is_date:
            return _day(value, since_1904=since_1904) or stored
        if not value.is_integer():
            return f"{value:.15g}" + "%" * self.is_percentage
        if abs(value) >= _EXACT_BELOW:
            return f"{value:.14E}"  # which says that digits are lost
        digits = f"{int(value):0{self.least_digits}}"
        decimals = "." + "0" * self.decimals if self.decimals else ""
        return self.prefix + digits + decimals + "%" * self.is_percentage


def _day(value: float, *, since_1904: bool) -> str | None:
    try:
        moment = _DATES_BEGIN[since_1904] + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return None
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat(" ", "seconds")
