"""The form for registering: values, or what is wrong with which field."""

import email_validator
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.contact import (
    Contact,
    Email,
    FieldProblem,
    FieldProblems,
    Phone,
    parse_contact,
    parse_customer_number,
    parse_email,
    parse_name,
    parse_phone,
)
from idp_tests.cases import each

EMPTY = ["", " ", "\u00a0\t\n"]


@each("typed", EMPTY)
def test_an_empty_field_is_missing(typed: str) -> None:
    assert parse_name(typed) is FieldProblem.NAME_MISSING
    assert parse_phone(typed) is FieldProblem.PHONE_MISSING
    assert parse_email(typed) is FieldProblem.EMAIL_MISSING
    assert parse_customer_number(typed) is FieldProblem.CUSTOMER_NUMBER_MISSING


@each("typed", ["Åsa Öberg", "Bo", "李小", "Jean-Luc d'Arc", "نور", "A" * 100])
def test_names_of_two_to_a_hundred_characters_are_taken(typed: str) -> None:
    assert parse_name(f"  {typed} ") == typed


@each(
    "typed", ["A", "A" * 101, "<b>Anna</b>", "An\u202ena", "Anna\r\nBcc: x@y.se", "12", "--", "\ud800a", "\u200c\u200d"]
)
def test_names_that_are_none_are_malformed(typed: str) -> None:
    assert parse_name(typed) is FieldProblem.NAME_MALFORMED


@each(
    "typed",
    [
        "070-174 06 05",
        "0701740605",
        "070 174 06 05",
        "070–174 06 05",
        "+46 70 174 06 05",
        "+46(0)70 174 06 05",
        "0046701740605",
        "(070) 174 06 05",
        "070/174.06.05",
        "\u202d+46 70 174 06 05\u202c",
        "０７０１７４０６０５",
    ],
)
def test_every_spelling_of_a_telephone_number_is_one(typed: str) -> None:
    assert parse_phone(typed) == Phone("+46701740605")


@each(
    "typed, e164",
    [("08-465 004 10", "+46846500410"), ("0771-123456", "+46771123456"), ("+47 22 00 00 00", "+4722000000")],
)
def test_other_telephone_numbers(typed: str, e164: str) -> None:
    assert str(parse_phone(typed)) == e164


@each(
    "typed",
    [
        "112",
        "070",
        "0701",
        "070-174 06 05 ankn 3",
        "ring mig",
        "+999 123",
        "++46701740605",
        "tel:0701740605",
        "()",
        "1" * 500,
        "070-174 06 05;ext=1",
        "070-174 06 05, 08-465 004 10",
        "0701740605\x00",
    ],
)
def test_telephone_numbers_that_are_none_are_malformed(typed: str) -> None:
    assert parse_phone(typed) is FieldProblem.PHONE_MALFORMED


def test_an_address_keeps_its_case_and_compares_without() -> None:
    email = parse_email(" Anna.Berg@Example.COM ")
    assert email == Email("Anna.Berg@example.com")
    assert isinstance(email, Email)
    assert email.compare == "anna.berg@example.com"
    assert str(email) == "Anna.Berg@example.com"


def test_role_addresses_have_one_case() -> None:
    assert parse_email("INFO@example.se") == Email("info@example.se")


@each("typed", ["a+b@sub.example.se", "anna.öberg@example.se", "info@björk.se", "o'neil@example.ie"])
def test_addresses_people_have_are_taken(typed: str) -> None:
    assert parse_email(typed) == Email(typed)


@each(
    "typed",
    [
        "anna",
        "anna@",
        "@example.se",
        "anna@example",
        "anna@example.se.",
        "anna@@example.se",
        "an na@example.se",
        "anna@example.se, bo@example.se",
        "Anna <anna@example.se>",
        "anna@example.se\r\nBcc: bo@example.se",
        "anna@[127.0.0.1]",
        "anna@localhost",
        "anna@x.test",
        '"anna berg"@example.se',
        "a" * 65 + "@example.se",
        "a@" + "b" * 300 + ".se",
    ],
)
def test_addresses_that_are_none_are_malformed(typed: str) -> None:
    assert parse_email(typed) is FieldProblem.EMAIL_MALFORMED


def test_a_whole_contact_form() -> None:
    form = {"name": "Åsa Öberg", "phone": "070-174 06 05", "email": "asa@example.se", "csrf": "x"}
    assert parse_contact(form) == Contact(name="Åsa Öberg", phone=Phone("+46701740605"), email=Email("asa@example.se"))


def test_everything_wrong_with_a_contact_form_is_said_at_once_and_in_order() -> None:
    problems = parse_contact({"name": "A", "phone": "112"})
    assert isinstance(problems, FieldProblems)
    assert list(problems.by_field.items()) == [
        ("name", "field.name.malformed"),
        ("phone", "field.phone.malformed"),
        ("email", "field.email.missing"),
    ]


@each(
    "field, problem",
    [("name", "field.name.missing"), ("phone", "field.phone.missing"), ("email", "field.email.missing")],
)
def test_one_missing_field_is_the_only_problem(field: str, problem: str) -> None:
    form = {"name": "Åsa Öberg", "phone": "070-174 06 05", "email": "asa@example.se"}
    assert parse_contact({**form, field: ""}) == FieldProblems({field: FieldProblem(problem)})


@given(st.dictionaries(st.sampled_from(["name", "phone", "email"]), st.text(max_size=120)))
def test_no_form_whatsoever_breaks_the_parser(form: dict[str, str]) -> None:
    assert isinstance(parse_contact(form), Contact | FieldProblems)


@given(
    local=st.text("abz09._+-", min_size=1, max_size=66),
    domain=st.sampled_from(
        [
            "example.se",
            "Example.SE",
            "a.b-c.example",
            "xn--bcher-kva.example",
            "bücher.example",
            "-a.example",
            "a..b",
            "",
        ]
    ),
)
def test_an_address_of_a_known_domain_is_read_as_any_other(local: str, domain: str) -> None:
    def by_the_library() -> str | None:
        try:
            found = email_validator.validate_email(f"{local}@{domain}", check_deliverability=False, strict=True)
        except email_validator.EmailNotValidError:
            return None
        return found.normalized

    def by_us() -> str | None:
        try:
            return Email.parse(f"{local}@{domain}").address
        except ValueError:
            return None

    assert by_us() == by_us() == by_the_library()
