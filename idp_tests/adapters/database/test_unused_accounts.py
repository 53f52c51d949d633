"""Which accounts are unused: by the last login, and never people who would come back as another who is not shut out."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.tables import authentications, people
from idp.adapters.database.unused_accounts import DatabaseUnusedAccounts
from idp.core.accounts.unused import Unused
from idp.core.messages import ACCOUNT_UNUSED_KIND
from idp_tests.adapters.database.seeds import add_authentication, add_customer, add_link, add_person
from idp_tests.databases import CIPHER, NOW

pytestmark = pytest.mark.usefixtures("database_context")

UNUSED = DatabaseUnusedAccounts()
DAY = timedelta(days=1)


def warn(person_id: str) -> None:
    DatabaseOutbox(CIPHER).put(ACCOUNT_UNUSED_KIND, f"{ACCOUNT_UNUSED_KIND}:{person_id}", {}, NOW)


def test_a_person_is_to_be_warned_once_the_last_login_is_old() -> None:
    with unit_of_work():
        anna = add_person(email="anna@example.se")
        for days in (0, 100):
            event = add_authentication(anna)
            moved = update(authentications).where(authentications.c.id == event.id)
            connection().execute(moved.values(at=NOW + days * DAY))
        assert UNUSED.to_warn(NOW + 99 * DAY, 9) == []
        assert UNUSED.to_warn(NOW + 100 * DAY, 9) == [Unused(person_id=anna.id, used_at=NOW + 100 * DAY)]
        warn(anna.id)
        assert UNUSED.to_warn(NOW + 100 * DAY, 9) == []


def test_an_account_without_any_login_counts_from_its_beginning() -> None:
    with unit_of_work():
        anna = add_person(email="anna@example.se")
        assert UNUSED.to_warn(NOW, 9) == [Unused(person_id=anna.id, used_at=NOW)]
        assert UNUSED.to_warn(NOW - DAY, 9) == []


def test_nobody_who_can_be_told_is_to_be_erased_without_an_old_warning() -> None:
    with unit_of_work():
        anna = add_person(email="anna@example.se")
        nobody = add_person("197001010018")
        assert UNUSED.to_erase(NOW, NOW, 9) == [nobody.id]
        warn(anna.id)
        assert UNUSED.to_erase(NOW, NOW - DAY, 9) == [nobody.id]
        assert sorted(UNUSED.to_erase(NOW, NOW, 9)) == sorted([anna.id, nobody.id])
        assert len(UNUSED.to_erase(NOW, NOW, 1)) == 1


def test_who_is_blocked_or_kept_out_of_a_company_stays_and_so_does_the_tombstone_of_an_erased_person() -> None:
    with unit_of_work():
        add_person("199001010017", email="a@example.se", blocked_at=NOW)
        kept_out = add_person("197001010018", email="b@example.se")
        add_link(kept_out, add_customer(), suspended_at=NOW)
        assert UNUSED.to_warn(NOW, 9) == []
        assert UNUSED.to_erase(NOW, NOW, 9) == []
        connection().execute(update(people).values(blocked_at=None, contact_encrypted=None))
        assert len(UNUSED.to_erase(NOW, NOW, 9)) == 1


def test_a_login_since_then_is_seen() -> None:
    with unit_of_work():
        anna = add_person()
        add_authentication(anna)
        assert UNUSED.was_used_since(anna.id, NOW - DAY)
        assert not UNUSED.was_used_since(anna.id, NOW)
