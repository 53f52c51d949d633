"""The customer's overview: collections and invoices, all made up from the customer number and the day."""

import zlib
from dataclasses import dataclass
from datetime import date, timedelta

_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_COLLECTIONS = (
    ("Restavfall", "Kärl 660 liter", 7),
    ("Pappersförpackningar", "Container 8 kubikmeter", 14),
    ("Plastförpackningar", "Kärl 660 liter", 14),
    ("Matavfall", "Kärl 140 liter", 7),
)
"""What is collected, in what, and every how many days."""
_DAYS_TO_PAY = 30
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One visit of the truck."""

    day: date
    waste: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice; the amount is in whole kronor, without VAT."""

    number: str
    issued: date
    due: date
    amount: int
    is_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the customer sees first."""

    collections: tuple[Collection, ...]
    invoices: tuple[Invoice, ...]


def overview_of(customer_number: str, today: date) -> Overview:
    """Make up an overview; the same customer sees the same one all day."""
    seed = zlib.crc32(customer_number.encode())
    return Overview(
        collections=tuple(sorted(_collections(seed, today), key=lambda each: each.day)),
        invoices=tuple(_invoices(seed, today)),
    )


def _collections(seed: int, today: date) -> list[Collection]:
    return [
        Collection(day=_workday(today + timedelta(days=1 + (seed >> 4 * row) % days)), waste=waste, container=container)
        for row, (waste, container, days) in enumerate(_COLLECTIONS)
    ]


def _workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def _invoices(seed: int, today: date) -> list[Invoice]:
    """Three, one for the first day of each of the latest months."""
    found = []
    issued = today.replace(day=1)
    for back in range(3):
        amount = 1_800 + (seed >> 3 * back) % 2_400
        due = issued + timedelta(days=_DAYS_TO_PAY)
        number = f"{issued:%y%m}{seed % 10_000:04d}"
        found.append(Invoice(number=number, issued=issued, due=due, amount=amount, is_paid=back > 0))
        issued = (issued - timedelta(days=1)).replace(day=1)
    return found


def swedish_day(day: date) -> str:
    """A day as people say it: torsdag 3 december."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def swedish_amount(kronor: int) -> str:
    """Kronor with a space before the thousands, which does not break: 1 870 kr."""
    return f"{kronor:,}".replace(",", "\N{NO-BREAK SPACE}") + "\N{NO-BREAK SPACE}kr"
