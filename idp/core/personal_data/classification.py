"""Classification: the words in which every stored column is described, so that nothing about people is kept by accident."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, by what a thief of the database learns from it."""

    NONE = "none"
    """Nothing about anybody."""
    PSEUDONYM = "pseudonym"
    """An id of ours; it names somebody only together with what is encrypted."""
    FACT = "fact"
    """When, how or in which state, about a pseudonym."""
    PLAIN = "personal, plain"
    PERSON_KEY = "personal, encrypted under the person's key"
    ENCRYPTED = "personal, encrypted"
    SECRET = "secret, encrypted"  # noqa: S105 - a word about columns
    """Opens something, and says nothing about anybody."""
    KEYED_HASH = "keyed hash"
    """Of something personal that can be guessed; only with the pepper it says something."""
    SECRET_HASH = "hash of a secret"  # noqa: S105
    """Of something long and random that is kept nowhere."""

    @property
    def is_personal(self) -> bool:
        """Whether a person can ask for what is in it (GDPR 15)."""
        return self in {Kind.PLAIN, Kind.PERSON_KEY, Kind.ENCRYPTED}


class Whose(StrEnum):
    """Whom it is about."""

    PERSON = "person"
    """Somebody with an account."""
    VISITOR = "visitor"
    """Somebody who is logging in, with or without an account."""
    CUSTOMER = "customer"
    """A company; a sole trader is a person, whose organisation number is a personal number."""
    PARTNER = "partner"
    """Who runs a client."""
    NOBODY = "nobody"


class Why(StrEnum):
    """The purpose (GDPR 5.1 b)."""

    RECOGNISE = "recognise"
    REACH = "reach"
    COMPANY = "company"
    LOG_IN = "log_in"
    SERVICES = "services"
    PROVE = "prove"
    PROTECT = "protect"
    SUPPORT = "support"
    RUN = "run"
    """The program itself."""


class Seen(StrEnum):
    """By whom, beside the programs that need it."""

    NOBODY = "nobody"
    SERVICES = "services"
    """Services that the person logs in to, as far as they may ask and the person allows."""
    SUPPORT = "support"
    """Masked, or unmasked with a note in the audit log."""
    SECURITY = "security"
    """Who looks into an incident or a dispute."""
    COMPANY = "company"
    """The contact on file and the people who are linked to the same company."""


class Kept(StrEnum):
    """How long."""

    MINUTES = "minutes"
    DAY = "day"
    SESSION = "session"
    DEVICE = "device"
    LOGIN_RECORD = "login_record"
    ACCOUNT = "account"
    LINK = "link"
    CONSENT = "consent"
    EVIDENCE = "evidence"
    BUDGET = "budget"
    MESSAGE = "message"
    INCIDENT = "incident"
    AUDIT = "audit"
    REGISTER = "register"
    CLIENT = "client"
    ALWAYS = "always"


class Erasure(StrEnum):
    """What becomes of it when the person is erased."""

    NOT_CONCERNED = "not concerned"
    """It is about nobody who can be erased."""
    SHREDDED = "shredded"
    """The key is destroyed, and the field is emptied or its row deleted."""
    DELETED = "deleted"
    """The field is emptied or its row deleted."""
    STAYS = "stays"
    """It says nothing about anybody once the rest is gone, or ends by itself soon."""
    KEPT = "kept"
    """The law or a dispute may ask for it; the operator is told until when."""


class Datum(StrEnum):
    """What a person calls it."""

    NAME = "name"
    BIRTHDATE = "birthdate"
    PERSONAL_NUMBER = "personal_number"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"
    COMPANY_CONTACT = "company_contact"
    LINK = "link"
    LOGIN = "login"
    ADDRESS = "address"
    SIGNATURE = "signature"
    SERVICE = "service"
    CONSENT = "consent"
    MESSAGE = "message"
    EVENT = "event"
    TRIES = "tries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, in every respect."""

    table: str
    name: str
    kind: Kind
    whose: Whose
    why: Why
    seen: Seen
    kept: Kept
    erasure: Erasure
    data: tuple[Datum, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one table that are described alike."""

    names: str
    """Separated by spaces."""
    kind: Kind
    erasure: Erasure = Erasure.NOT_CONCERNED
    data: tuple[Datum, ...] = ()
    seen: Seen | None = None
    """None: as the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One table."""

    table: str
    whose: Whose
    why: Why
    kept: Kept
    columns: tuple[Columns, ...]
    seen: Seen = Seen.NOBODY

    def each(self) -> Iterator[Column]:
        for columns in self.columns:
            for name in columns.names.split():
                yield Column(
                    table=self.table,
                    name=name,
                    kind=columns.kind,
                    whose=self.whose,
                    why=self.why,
                    seen=columns.seen or self.seen,
                    kept=self.kept,
                    erasure=columns.erasure,
                    data=columns.data,
                )


def by_place(described: tuple[Described, ...]) -> Mapping[tuple[str, str], Column]:
    """Every column by table and name. Raises ValueError for one that is described twice."""
    found: dict[tuple[str, str], Column] = {}
    for table in described:
        for column in table.each():
            if (column.table, column.name) in found:
                raise ValueError(f"{column.table}.{column.name} is described twice")
            found[column.table, column.name] = column
    return found
