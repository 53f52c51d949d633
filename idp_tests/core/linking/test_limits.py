from ipaddress import ip_network

from idp.core.linking.claim import LastFour
from idp.core.linking.limits import EVERYBODY, Networks, Scopes, scopes_of
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.builders import linking_limits
from idp_tests.cases import each

FOUR, WHOLE = LastFour("0680"), OrganisationNumber("5560160680")
HERE = (ip_network("192.0.2.7/32"), ip_network("192.0.2.0/24"))


def scopes(digits: LastFour | OrganisationNumber, networks: Networks | None = HERE) -> Scopes:
    return scopes_of(linking_limits(), digits, person="anna", company="c1", networks=networks)


def as_said(scopes: Scopes) -> dict[str, tuple[int, float]]:
    """Limits and days by scope."""
    return {name: (budget.limit, budget.window.total_seconds() / 86400) for name, budget in scopes.all.items()}


PERSON = {
    "linking.person_day anna": (5, 1),
    "linking.person_month anna": (10, 30),
    "linking.person_year anna": (20, 365),
}


def test_four_digits_are_counted_by_person_company_place_and_everybody() -> None:
    assert as_said(scopes(FOUR)) == {
        **PERSON,
        "linking.four_digits.person anna": (3, 365),
        "linking.four_digits.company c1": (5, 365),
        "linking.four_digits.address_hour 192.0.2.7/32": (10, 1 / 24),
        "linking.four_digits.address_day 192.0.2.7/32": (30, 1),
        "linking.four_digits.network_day 192.0.2.0/24": (100, 1),
        EVERYBODY: (30, 1),
    }


def test_whole_numbers_are_counted_by_person_and_company() -> None:
    assert as_said(scopes(WHOLE)) == {
        **PERSON,
        "linking.whole_number.company c1": (30, 365),
        "linking.whole_number.person_at c1|anna": (3, 30),
    }


def test_a_place_takes_the_four_digits_away_and_never_the_whole_number() -> None:
    assert any("address" in name for name in scopes(FOUR).four_digits)
    assert scopes(WHOLE).all == scopes(WHOLE, None).all


def test_callers_without_an_address_are_no_place() -> None:
    names = scopes(FOUR, None).four_digits
    assert not any("address" in name or "network" in name for name in names)


@each("digits", [FOUR, WHOLE])
def test_what_is_the_persons_comes_first_and_what_is_everybodys_last(digits: LastFour | OrganisationNumber) -> None:
    """Rows are locked in this order, so that two tries never wait for each other in a ring."""
    names = list(scopes(digits).all)
    assert names[:3] == list(PERSON)
    assert EVERYBODY not in names[:-1]


@each(
    "digits, watched",
    [(FOUR, {"brake", "company-probed", "person-used-up"}), (WHOLE, {"company-probed", "person-used-up"})],
)
def test_what_is_watched_is_counted(digits: LastFour | OrganisationNumber, watched: set[str]) -> None:
    found = scopes(digits)
    assert set(found.alarming) <= set(found.all)
    assert {alarm.value for alarm in found.alarming.values()} == watched


def test_what_the_chances_hang_on_is_counted_from_the_last_try() -> None:
    """Else those who wait for a year to end would have twice as many tries around it."""
    every = {**scopes(FOUR).all, **scopes(WHOLE).all}
    assert {name for name, budget in every.items() if budget.from_last} == {
        "linking.four_digits.person anna",
        "linking.four_digits.company c1",
        "linking.whole_number.company c1",
    }
