"""What is left of people who were erased, searched for in everything that a thief could have.

N sole traders log in for the first time, each with canaries for a name, a number, an address, a telephone and a firm; half of
them are erased. Then canaries are looked for in the database's files or a dump of PostgreSQL, in the same opened with all
secrets, in a dump made before the erasure without the tables that the README leaves out, opened with all secrets too, in what
the log and the figures say, and in error pages.
"""

import io
import logging
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import select

from idp import log
from idp.adapters.database.encryption import Cipher, FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection
from idp.adapters.database.sweeper import sweep
from idp.adapters.database.tables import metadata
from idp.core.accounts.erase import Erased
from idp.core.identification.bankid.api import User
from idp.core.people.digits import passes_luhn
from idp.core.personal_data.classification import Erasure, Kind
from idp.core.personal_data.inventory import INVENTORY
from idp_tests.browser import Browser
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import ISSUER, Provider

NEWEST = 50
"""Messages that wait."""
README = Path(__file__).resolve().parents[2] / "README.md"
LEFT_OUT = tuple(re.findall(r"--exclude-table-data=(\w+)", README.read_text(encoding="utf-8")))
"""Tables whose rows a dump that is kept does not hold, as the README tells operators."""
_WORD = re.compile(rb"(?:Kanarie|Fagel|kanarie|firma)(\d{6})")
_FIRM = re.compile(rb"(?:Firma|Ort)(\d{6})")
_DIGITS = re.compile(rb"(?<![0-9A-Za-z])(?:19|20)?\d{10}(?![0-9A-Za-z])|467\d{8}")
_ADDRESS = re.compile(rb"2001:db8:1(\d{3}):1(\d{3})::7")
_FIRST_DAY = date(1930, 1, 1)


@dataclass(frozen=True, slots=True)
class Canary:
    """One sole trader; everything about the person has the person's serial in it, or is found by `digits`."""

    serial: int

    @property
    def tag(self) -> str:
        return f"{self.serial:06}"

    @property
    def number(self) -> str:
        """A personal number of its own."""
        born = (_FIRST_DAY + timedelta(days=self.serial)).strftime("%Y%m%d")
        return next(f"{born}238{check}" for check in range(10) if passes_luhn(f"{born[2:]}238{check}"))

    @property
    def user(self) -> User:
        given, last = f"Kanarie{self.tag}", f"Fagel{self.tag}"
        return User(personal_number=self.number, name=f"{given} {last}", given_name=given, surname=last)

    @property
    def phone(self) -> str:
        return f"+4670{1_000_000 + self.serial}"

    @property
    def email(self) -> str:
        return f"kanarie{self.tag}@canary.example"

    @property
    def customer_number(self) -> str:
        return str(20_000_000 + self.serial)

    @property
    def address(self) -> str:
        """Of the telephone with the BankID app."""
        return f"2001:db8:1{self.tag[:3]}:1{self.tag[3:]}::7"

    @property
    def digits(self) -> Sequence[str]:
        return self.number, self.number[2:], self.phone[1:]


@dataclass
class Crowd:
    """Everybody; every second one is erased."""

    canaries: Sequence[Canary]
    by_digits: Mapping[bytes, int] = field(init=False)

    def __post_init__(self) -> None:
        self.by_digits = {text.encode(): each.serial for each in self.canaries for text in each.digits}

    @classmethod
    def of(cls, count: int) -> "Crowd":
        return cls([Canary(serial) for serial in range(count)])

    @property
    def leaving(self) -> Sequence[Canary]:
        return self.canaries[::2]

    def named_in(self, text: bytes, *, firms: bool = False) -> set[int]:
        """Serials of those of whom it says something; `firms`: also by what the register says of their firms."""
        words = _WORD.findall(text) + (_FIRM.findall(text) if firms else [])
        by_digits = {self.by_digits[found] for found in _DIGITS.findall(text) if found in self.by_digits}
        addresses = {int(b"".join(halves)) for halves in _ADDRESS.findall(text)}
        return {int(serial) for serial in words} | by_digits | addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a search found: how many of the erased, and of the others what is not classified as plain, by where."""

    searched: str
    size: int
    erased: Mapping[str, int]
    others: Mapping[str, int]


CONTROL = "before the erasure, opened with all secrets"
"""A search that must find everybody, so that nothing found is not a blind search."""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def log_in(provider: Provider, crowd: Crowd) -> None:
    """The whole leaflet for each, by HTTP."""
    firms = [
        a_registered_customer(
            each.customer_number,
            organisation_number=each.number[2:],
            name=f"Firma{each.tag}",
            city=f"Ort{each.tag}",
            email=f"firma{each.tag}@canary.example",
        )
        for each in crowd.canaries
    ]
    with provider.parts.database.unit_of_work():
        fill_register(provider.parts.store.register, firms, provider.clock())
    for each in crowd.canaries:
        browser = provider.browser()
        identify(provider, browser.authorize(login_hint=each.email), each)
        browser.submit("/link", customer_number=each.customer_number)
        browser.register(name=each.user.name, phone=each.phone, email=each.email)
        provider.clock.advance(seconds=5)
        identify(provider, browser, each)
        assert browser.left_to is not None, browser.page
        provider.clock.advance(seconds=60)
    clean_up(provider)


def identify(provider: Provider, browser: Browser, canary: Canary) -> None:
    """With BankID on a telephone of the person's own."""
    browser.start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(canary.user, device_ip=canary.address)
    provider.collect()
    browser.get(browser.base)


def clean_up(provider: Provider) -> None:
    """What the jobs do meanwhile: mail is delivered, but for the newest, and what has had its time is swept."""
    outbox, now = provider.parts.store.outbox, provider.clock()
    with provider.parts.database.unit_of_work():
        for message in outbox.lease_due("jobs", now, now + timedelta(minutes=1), outbox.waiting(now).count)[:-NEWEST]:
            outbox.delivered(message.id, "jobs", now)
        outbox.release("jobs")
    swept = True
    while swept:
        with provider.parts.database.unit_of_work():
            swept = bool(sweep(now, provider.settings.retention))


def erase(provider: Provider, crowd: Crowd) -> None:
    """Every second one, as the command does."""
    parts = provider.parts
    for each in crowd.leaving:
        with parts.database.unit_of_work():
            [person] = parts.store.people.search(each.email)
            outcome = parts.accounts.erase(person.id, provider.clock(), operator="proof", case_id="C-1")
            assert isinstance(outcome, Erased)


def show_errors(provider: Provider, crowd: Crowd) -> bytes:
    """Error pages that repeat what somebody sends, and those of logins that were erased."""
    http, pages = provider.browser().client, b""
    for each in crowd.canaries[:20]:
        for path in (f"/{each.email}/{each.number}", f"/signin/{each.number}", f"/authorize?client_id={each.email}"):
            pages += http.get(path, base_url=ISSUER).get_data()
    return pages


def rows(provider: Provider, without: Iterable[str] = ()) -> Rows:
    """Everything that is stored."""
    with provider.parts.database.unit_of_work():
        return {
            table.name: [dict(row) for row in connection().execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name not in without
        }


def search_rows(searched: str, stored: Rows, crowd: Crowd, common: FieldCipher) -> Finding:
    """Cell by cell, opened by all secrets and by those keys of persons that are among the rows."""
    leaving = {each.serial for each in crowd.leaving}
    own = {
        row["person_id"]: common.of_person(row["person_id"], row["key_encrypted"])
        for row in stored.get("person_keys", ())
    }
    erased: Counter[str] = Counter()
    others: Counter[str] = Counter()
    size = 0
    for table, of_table in stored.items():
        for row in of_table:
            key = str(next(iter(row.values())))
            ciphers = [
                common,
                *(own[who] for who in (row.get("person_id"), row.get("id")) if who in own),
            ]
            for name, cell in row.items():
                column = INVENTORY[table, name]
                plain = bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                size += len(plain)
                opened = _opened(f"{table}.{name.removesuffix('_encrypted')}.{key}", plain, ciphers)
                if column.erasure is not Erasure.KEPT:
                    erased[f"{table}.{name}"] += len(crowd.named_in(plain + opened, firms=True) & leaving)
                if column.kind is not Kind.PLAIN:
                    others[f"{table}.{name}"] += len(crowd.named_in(plain, firms=True) - leaving)
    return Finding(searched=searched, size=size, erased=+erased, others=+others)


def _opened(place: str, cell: bytes, ciphers: Sequence[Cipher]) -> bytes:
    for cipher in ciphers:
        try:
            return b" " + cipher.decrypt(place, cell)
        except FieldUnreadable:
            continue
    return b""


def search_text(searched: str, text: bytes, crowd: Crowd) -> Finding:
    """What is nobody's column; firms are looked for in rows, for the register says their names in the plain."""
    leaving = {each.serial for each in crowd.leaving}
    named = crowd.named_in(text)
    erased, others = Counter({searched: len(named & leaving)}), Counter({searched: len(named - leaving)})
    return Finding(searched=searched, size=len(text), erased=+erased, others=+others)


def dump(url: str, *options: str) -> bytes:
    """The files of SQLite, or what pg_dump says."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    program = shutil.which("pg_dump")
    assert program is not None, "pg_dump is not on the PATH"
    address = url.replace("postgresql+psycopg://", "postgresql://")
    return subprocess.run([program, *options, address], check=True, capture_output=True).stdout


@contextmanager
def everything_said() -> Iterator[io.StringIO]:
    """What the product's own logging writes at its most talkative."""
    stream, stderr, root = io.StringIO(), sys.stderr, logging.getLogger()
    before = (root.handlers, root.level, structlog.get_config())
    sys.stderr = stream
    log.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield stream
    finally:
        sys.stderr = stderr
        root.handlers, level, config = before
        root.setLevel(level)
        structlog.configure(**config)


def prove(provider: Provider, count: int) -> list[Finding]:
    """Log in, dump, erase, and search."""
    crowd, url = Crowd.of(count), str(provider.settings.database.url)
    secrets = provider.parts.keys.secrets
    common = FieldCipher(lambda: secrets.fields)
    with everything_said() as said:
        log_in(provider, crowd)
        without = [f"--exclude-table-data={name}" for name in LEFT_OUT]
        before, kept_dump = rows(provider, LEFT_OUT), b"" if url.startswith("sqlite") else dump(url, *without)
        full = rows(provider)
        erase(provider, crowd)
        pages = show_errors(provider, crowd)
    after = rows(provider)
    return [
        search_rows(CONTROL, full, crowd, common),
        search_text("the database's files, or pg_dump", dump(url), crowd),
        search_rows("the database, opened with all secrets", after, crowd, common),
        search_text("a dump before the erasure, without keys", kept_dump, crowd),
        search_rows("that dump, opened with all secrets", before, crowd, common),
        search_text("the log", said.getvalue().encode(), crowd),
        search_text("the figures", generate_latest(REGISTRY), crowd),
        search_text("error pages", pages, crowd),
    ]
