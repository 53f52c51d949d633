"""What ends at one node ends at the other at the next request: no node believes what it remembers of a person."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from idp.core.accounts.erase import Erased
from idp_tests.attacks.person import USES, Person
from idp_tests.provider import Provider, restarted

pytestmark = pytest.mark.each_database


def _block(person: Person) -> None:
    parts, now = person.provider.parts, person.provider.clock()
    parts.accounts.block(person.id, now, operator="test", reason="test")


def _end_link(person: Person) -> None:
    parts, now = person.provider.parts, person.provider.clock()
    parts.accounts.end_link(person.id, "10012345", now, operator="test", reason="test")


def _keep_out(person: Person) -> None:
    parts, now = person.provider.parts, person.provider.clock()
    parts.accounts.keep_out(person.id, "10012345", now, operator="test", reason="test")


def _erase(person: Person) -> None:
    parts, now = person.provider.parts, person.provider.clock()
    assert isinstance(parts.accounts.erase(person.id, now, operator="test", case_id="1"), Erased)


ENDS: Mapping[str, Callable[[Person], None]] = {
    "the person is blocked": _block,
    "the person is erased": _erase,
    "the link is ended": _end_link,
    "the person is kept out of the company": _keep_out,
}


@pytest.fixture
def node_b(provider: Provider) -> Iterator[Provider]:
    with restarted(provider) as other:
        yield other


@pytest.mark.parametrize("end", list(ENDS))
def test_what_ends_at_one_node_ends_at_the_other_at_once(provider: Provider, node_b: Provider, end: str) -> None:
    person = Person(provider)
    there = person.at(node_b)
    for use in ("silence", "userinfo", "introspect"):
        assert there.works(use), "the other node has seen the person before"
    with provider.parts.database.unit_of_work():
        ENDS[end](person)
    assert {use for use in USES if there.works(use)} == set()


def test_what_does_not_end_goes_on_at_both_nodes(provider: Provider, node_b: Provider) -> None:
    """The control."""
    there = Person(provider).at(node_b)
    assert {use for use in USES if there.works(use)} == set(USES)
