"""What people type about themselves and their company: parsed into values, or a key that says what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

import email_validator
import phonenumbers

from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber
from idp.core.people.digits import typed_plainly
from idp.core.people.one_line import one_line

LONGEST_NAME = 100
SHORTEST_NAME = 2
LONGEST_EMAIL = 254
"""Characters (RFC 5321 4.5.3.1.3, without the angle brackets)."""

_PLAIN_LOCAL = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*")
"""Local parts that mean themselves."""
_LONGEST_LOCAL = 64
_PHONE = re.compile(r"\+?[0-9()./-]+")
_HOME_REGION = "SE"


class FieldProblem(StrEnum):
    """What is wrong with a field: the key of its message."""

    CUSTOMER_NUMBER_MISSING = "field.customer_number.missing"
    CUSTOMER_NUMBER_MALFORMED = "field.customer_number.malformed"
    LAST_FOUR_MISSING = "field.last_four.missing"
    LAST_FOUR_MALFORMED = "field.last_four.malformed"
    WHOLE_NUMBER_MISSING = "field.whole_number.missing"
    WHOLE_NUMBER_MALFORMED = "field.whole_number.malformed"
    CODE_MISSING = "field.code.missing"
    CODE_MALFORMED = "field.code.malformed"
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

    @classmethod
    def among(cls, **fields: object) -> Self:
        """Those of the parsed fields that are problems."""
        return cls({name: value for name, value in fields.items() if isinstance(value, FieldProblem)})


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number in E.164, +46701740605."""

    e164: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a telephone number, Swedish unless it begins with a country code. Raises ValueError."""
        plain = typed_plainly(text)
        if not _PHONE.fullmatch(plain):
            raise ValueError("a telephone number has digits only")
        try:
            number = phonenumbers.parse(plain, _HOME_REGION)
        except phonenumbers.NumberParseException:
            raise ValueError("not a telephone number") from None
        if not phonenumbers.is_valid_number(number):
            raise ValueError("no such telephone number")
        return cls(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def __str__(self) -> str:
        return self.e164


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address as it was written; two spellings of one address have the same `compare`."""

    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address by its syntax, asking nobody whether it exists. Raises ValueError.

        The local part keeps its case, unless it is a role that has none, such as INFO (RFC 2142); the domain is small.
        """
        stripped = text.strip()
        if len(stripped) > LONGEST_EMAIL:
            raise ValueError("too long for an address")
        local, _, domain = stripped.rpartition("@")
        if domain.isascii() and len(local) <= _LONGEST_LOCAL and _PLAIN_LOCAL.fullmatch(local):
            return cls(f"{local}@{_known_domain(domain)}")
        return cls(_validated(stripped).normalized)

    @property
    def compare(self) -> str:
        """The form for comparing and finding: in small letters."""
        return self.address.lower()

    @property
    def masked(self) -> str:
        """anna@example.se as a•••@example.se: enough for who knows the address."""
        local, _, domain = self.address.rpartition("@")
        return f"{local[:1]}•••@{domain}"

    def __str__(self) -> str:
        return self.address


def _validated(address: str) -> email_validator.ValidatedEmail:
    return email_validator.validate_email(address, check_deliverability=False, strict=True)


@lru_cache(maxsize=8192)
def _known_domain(domain: str) -> str:
    """The domain as it is kept; people share few, and most of the work is about them. Raises ValueError."""
    return _validated(f"a@{domain}").domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a person wants to be named and reached; not verified by being typed."""

    name: str
    phone: Phone
    email: Email


def parse_name(text: str) -> str | FieldProblem:
    """Read a name in any script: 2-100 characters, NFC, one space between words.

    Refuses what `one_line` refuses, and text without a letter.
    """
    if not text.strip():
        return FieldProblem.NAME_MISSING
    try:
        name = one_line(text, longest=LONGEST_NAME)
    except ValueError:
        return FieldProblem.NAME_MALFORMED
    if len(name) < SHORTEST_NAME or not any(char.isalpha() for char in name):
        return FieldProblem.NAME_MALFORMED
    return name


def parse_phone(text: str) -> Phone | FieldProblem:
    """Read a telephone number into E.164."""
    if not text.strip():
        return FieldProblem.PHONE_MISSING
    try:
        return Phone.parse(text)
    except ValueError:
        return FieldProblem.PHONE_MALFORMED


def parse_email(text: str) -> Email | FieldProblem:
    """Read an e-mail address by its syntax alone."""
    if not text.strip():
        return FieldProblem.EMAIL_MISSING
    try:
        return Email.parse(text)
    except ValueError:
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


def parse_contact(form: Mapping[str, str]) -> Contact | FieldProblems:
    """Read the fields name, phone and email."""
    name = parse_name(form.get("name", ""))
    phone = parse_phone(form.get("phone", ""))
    email = parse_email(form.get("email", ""))
    if isinstance(name, FieldProblem) or isinstance(phone, FieldProblem) or isinstance(email, FieldProblem):
        return FieldProblems.among(name=name, phone=phone, email=email)
    return Contact(name=name, phone=phone, email=email)
