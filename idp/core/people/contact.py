"""What people type about themselves and their company: parsed into values, or a key that says what is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import email_validator
import phonenumbers

from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber, LastFour, LinkClaim
from idp.core.people.digits import typed_plainly

LONGEST_NAME = 100
SHORTEST_NAME = 2
LONGEST_EMAIL = 254
"""Characters (RFC 5321 4.5.3.1.3, without the angle brackets)."""

_JOINERS = "\u200c\u200d"
"""Zero-width joiners: part of the spelling of names in Persian and in the scripts of India."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PHONE = re.compile(r"\+?[0-9()./-]+")
_HOME_REGION = "SE"


class FieldProblem(StrEnum):
    """What is wrong with a field: the key of its message."""

    CUSTOMER_NUMBER_MISSING = "field.customer_number.missing"
    CUSTOMER_NUMBER_MALFORMED = "field.customer_number.malformed"
    LAST_FOUR_MISSING = "field.last_four.missing"
    LAST_FOUR_MALFORMED = "field.last_four.malformed"
    NAME_MISSING = "field.name.missing"
    NAME_MALFORMED = "field.name.malformed"
    PHONE_MISSING = "field.phone.missing"
    PHONE_MALFORMED = "field.phone.malformed"
    EMAIL_MISSING = "field.email.missing"
    EMAIL_MALFORMED = "field.email.malformed"


@dataclass(frozen=True, slots=True)
class FieldProblems:
    """Everything that is wrong with a form, by field name and in the order of the fields."""

    by_field: Mapping[str, FieldProblem]


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number in E.164, +46701740605."""

    e164: str

    def __str__(self) -> str:
        return self.e164


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address as it was written; two spellings of one address have the same `compare`."""

    address: str

    @property
    def compare(self) -> str:
        """The form for comparing and finding: in small letters."""
        return self.address.lower()

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a person wants to be named and reached; not verified by being typed."""

    name: str
    phone: Phone
    email: Email


def parse_name(text: str) -> str | FieldProblem:
    """Read a name in any script: 2-100 characters, NFC, one space between words.

    Refuses markup brackets, control characters and bidirectional overrides, which rewrite the page or the log line
    around a name, and text without a letter.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not name:
        return FieldProblem.NAME_MISSING
    if any(_is_refused_in_names(char) for char in name):
        return FieldProblem.NAME_MALFORMED
    name = " ".join(name.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or not any(char.isalpha() for char in name):
        return FieldProblem.NAME_MALFORMED
    return name


def parse_phone(text: str) -> Phone | FieldProblem:
    """Read a telephone number, Swedish unless it begins with a country code, into E.164."""
    if not text.strip():
        return FieldProblem.PHONE_MISSING
    try:
        plain = typed_plainly(text)
        if not _PHONE.fullmatch(plain):
            return FieldProblem.PHONE_MALFORMED
        number = phonenumbers.parse(plain, _HOME_REGION)
    except (ValueError, phonenumbers.NumberParseException):
        return FieldProblem.PHONE_MALFORMED
    if not phonenumbers.is_valid_number(number):
        return FieldProblem.PHONE_MALFORMED
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def parse_email(text: str) -> Email | FieldProblem:
    """Read an e-mail address by its syntax alone; the local part keeps its case, the domain is made small."""
    stripped = text.strip()
    if not stripped:
        return FieldProblem.EMAIL_MISSING
    if len(stripped) > LONGEST_EMAIL:
        return FieldProblem.EMAIL_MALFORMED
    try:
        return Email(email_validator.validate_email(stripped, check_deliverability=False).normalized)
    except email_validator.EmailNotValidError:
        return FieldProblem.EMAIL_MALFORMED


def parse_customer_number(
    text: str, pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN
) -> CustomerNumber | FieldProblem:
    """Read a customer number of the configured pattern."""
    if not text.strip():
        return FieldProblem.CUSTOMER_NUMBER_MISSING
    try:
        return CustomerNumber.parse(text, pattern)
    except ValueError:
        return FieldProblem.CUSTOMER_NUMBER_MALFORMED


def parse_last_four(text: str) -> LastFour | FieldProblem:
    """Read four digits, or a whole organisation number's last four."""
    if not text.strip():
        return FieldProblem.LAST_FOUR_MISSING
    try:
        return LastFour.parse(text)
    except ValueError:
        return FieldProblem.LAST_FOUR_MALFORMED


def parse_contact(form: Mapping[str, str]) -> Contact | FieldProblems:
    """Read the fields name, phone and email."""
    name = parse_name(form.get("name", ""))
    phone = parse_phone(form.get("phone", ""))
    email = parse_email(form.get("email", ""))
    if isinstance(name, FieldProblem) or isinstance(phone, FieldProblem) or isinstance(email, FieldProblem):
        return _problems(name=name, phone=phone, email=email)
    return Contact(name=name, phone=phone, email=email)


def parse_link(
    form: Mapping[str, str], pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN
) -> LinkClaim | FieldProblems:
    """Read the fields customer_number and last_four; whether they belong together is not decided here."""
    number = parse_customer_number(form.get("customer_number", ""), pattern)
    last_four = parse_last_four(form.get("last_four", ""))
    if isinstance(number, FieldProblem) or isinstance(last_four, FieldProblem):
        return _problems(customer_number=number, last_four=last_four)
    return LinkClaim(customer_number=number, last_four=last_four)


def _problems(**fields: object) -> FieldProblems:
    return FieldProblems({field: value for field, value in fields.items() if isinstance(value, FieldProblem)})


def _is_refused_in_names(char: str) -> bool:
    return char in "<>" or (char not in _JOINERS and unicodedata.category(char) in _REFUSED_CATEGORIES)
