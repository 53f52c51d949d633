"""Attempts at customer numbers: found by code, person, number and company, with nothing plain in the rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.adapters.database.attempts import DatabaseAttempts, DatabaseUnlocks
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.linking_tables import link_attempts
from idp.core.linking.attempts import Seen
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.adapters.database.seeds import an_attempt
from idp_tests.builders import an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

ATTEMPTS, UNLOCKS = DatabaseAttempts(CIPHER, PEPPER), DatabaseUnlocks(PEPPER)
ANNA, BO = an_identity("199001012385"), an_identity("191212121212")
ATTEMPT = an_attempt(identity=ANNA)
NOBODYS = replace(
    ATTEMPT, at=NOW + timedelta(seconds=1), reference="ZZZZ2345", identity=BO, number="999", customer_id=None
)


@pytest.fixture(autouse=True)
def _two_tries(database_context: None) -> None:
    del database_context
    with unit_of_work():
        ATTEMPTS.record(ATTEMPT)
        ATTEMPTS.record(NOBODYS)


def _codes(seen: Sequence[Seen]) -> list[str]:
    return [each.reference for each in seen]


def test_a_try_is_found_by_its_code_its_person_its_number_and_its_company() -> None:
    with unit_of_work():
        found = ATTEMPTS.with_reference("ABCD2345")
        assert found is not None
        assert (found.tier, found.result, found.network) == ("four-digits", "mismatch", "192.0.2.0/24")
        assert found.guesser == ATTEMPTS.pseudonym(ANNA) != ATTEMPTS.pseudonym(BO)
        assert _codes(ATTEMPTS.by_identity(ANNA, limit=9)) == ["ABCD2345"]
        assert _codes(ATTEMPTS.at_number("999", limit=9)) == ["ZZZZ2345"]
        assert _codes(ATTEMPTS.at_customer("c" * 32, limit=9)) == ["ABCD2345"]
        assert ATTEMPTS.with_reference("NOBODYS2") is None


def test_the_identity_behind_a_code_comes_back_for_the_counters_and_nothing_of_it_stands_in_the_row() -> None:
    with unit_of_work():
        assert ATTEMPTS.identity_behind("ABCD2345") == ANNA
        assert ATTEMPTS.identity_behind("NOBODYS2") is None
        rows = str(connection().execute(select(link_attempts)).all())
    assert ANNA.key not in rows
    assert "10012345" not in rows


def test_what_one_person_tried_is_forgotten_and_nothing_else() -> None:
    with unit_of_work():
        ATTEMPTS.forget([ANNA])
        assert ATTEMPTS.with_reference("ABCD2345") is None
        assert ATTEMPTS.with_reference("ZZZZ2345") is not None


def test_another_pepper_forgets_no_try() -> None:
    [old] = PEPPER._versions()
    newer = Pepper(lambda: (SecretKey(version=old.version + 1, value=b"n" * 32), old))
    with unit_of_work():
        assert _codes(DatabaseAttempts(CIPHER, newer).by_identity(ANNA, limit=9)) == ["ABCD2345"]


def test_another_operator_in_the_same_case_within_a_day_is_the_second_and_once() -> None:
    with unit_of_work():
        assert UNLOCKS.second("scope", "K-17", "eva", NOW) is None
        assert UNLOCKS.second("scope", "K-17", "eva", NOW) is None
        assert UNLOCKS.second("scope", "K-18", "bo", NOW) is None
        assert UNLOCKS.second("other", "K-17", "bo", NOW) is None
        assert UNLOCKS.second("scope", "K-17", "bo", NOW + timedelta(days=1)) is None
        assert UNLOCKS.second("scope", "K-17", "eva", NOW + timedelta(days=1)) == "bo"
        assert UNLOCKS.second("scope", "K-17", "eva", NOW + timedelta(days=1)) is None
