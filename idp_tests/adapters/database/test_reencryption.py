"""Re-encryption: everything is readable and found under the newest version alone, and a write in between wins."""

import pytest
from sqlalchemy import select, update

from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.encryption import FieldCipher, FieldUnreadable, Pepper
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.reencryption import DatabaseReencryption
from idp.adapters.database.secret_use import REHASHED, DatabaseSecretUse, columns_of, encrypted_columns
from idp.adapters.database.tables import customers, people, person_keys
from idp.core.personal_data.classification import Kind
from idp_tests.adapters.database.seeds import add_authentication, add_customer, add_person, open_interaction
from idp_tests.builders import a_claim, an_identity
from idp_tests.databases import CIPHER, NOW, a_cipher, a_pepper

pytestmark = pytest.mark.usefixtures("database_context")

ONE, OTHER, TWO = bytes(range(32)), bytes(range(32, 64)), b"2" * 32
BOTH = DatabaseReencryption(a_cipher({1: ONE, 2: TWO}), a_pepper({1: OTHER, 2: TWO}))
NEW_CIPHER, NEW_PEPPER = a_cipher({2: TWO}), a_pepper({2: TWO})


def through(name: str, of: DatabaseReencryption = BOTH, *, limit: int = 2) -> tuple[int, int]:
    """Every column to its end; how many fields were renewed and how many could not be read."""
    renewed = unreadable = 0
    for where in of.places(name):
        after: str | None = ""
        while after is not None:
            with unit_of_work():
                batch = of.batch(name, where, after, limit=limit)
            renewed, unreadable, after = renewed + batch.renewed, unreadable + batch.unreadable, batch.last
    return renewed, unreadable


def fill() -> str:
    """Three people, of whom one has a login under way, and a company."""
    with unit_of_work():
        anna = add_person(email="anna@example.se", email_hash=b"\x01old", phone_hash=b"\x01old")
        add_authentication(anna)
        add_person("199001020016", name="Berit Berg")
        add_person("199001030015", name="Curt Carlsson")
        add_customer()
        open_interaction()
        DatabaseOutbox(CIPHER).put("mail", "key", {"to": "x"}, NOW)
    return anna.id


def people_by(cipher: FieldCipher, pepper: Pepper) -> DatabasePeople:
    return DatabasePeople(cipher, pepper)


def test_after_it_everything_is_read_and_found_without_the_old_version() -> None:
    anna = fill()
    through("fields")
    through("pepper")
    with unit_of_work():
        found = people_by(NEW_CIPHER, NEW_PEPPER).find_by_identity(an_identity("199001010017"))
        assert found is not None
        assert (found.id, found.contact.email.address if found.contact else None) == (anna, "anna@example.se")
        assert [each.id for each in people_by(NEW_CIPHER, NEW_PEPPER).search("anna@example.se")] == [anna]
        assert DatabaseCustomers(NEW_CIPHER, NEW_PEPPER).verify(a_claim("123456", "0680")) is not None
        assert [set(DatabaseSecretUse().held(name, [], NOW)) for name in ("fields", "pepper")] == [{2}, {2}]


def test_a_person_gets_another_key_so_that_an_old_copy_of_it_opens_nothing_that_is_written_later() -> None:
    anna = fill()
    wrapped = select(person_keys.c.key_encrypted).where(person_keys.c.person_id == anna)
    profile = select(people.c.profile_encrypted).where(people.c.id == anna)
    with unit_of_work():
        old = CIPHER.of_person(anna, connection().execute(wrapped).scalar_one())
        old.decrypt(f"people.profile.{anna}", connection().execute(profile).scalar_one())
    through("fields")
    with unit_of_work(), pytest.raises(FieldUnreadable):
        old.decrypt(f"people.profile.{anna}", connection().execute(profile).scalar_one())


def test_it_goes_on_where_it_stopped_and_does_nothing_twice() -> None:
    fill()
    with unit_of_work():
        assert BOTH.batch("fields", "person_keys.key_encrypted", "", limit=2).renewed == 2
        assert BOTH.left("fields", "person_keys.key_encrypted") == 1
    assert through("fields")[0] > 0
    assert through("fields") == (0, 0)


def test_a_write_in_between_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    encrypt = FieldCipher.encrypt

    def while_somebody_writes(cipher: FieldCipher, place: str, value: bytes) -> bytes:
        connection().execute(update(customers).values(contact_encrypted=b"\x02newer"))
        return encrypt(cipher, place, value)

    monkeypatch.setattr(FieldCipher, "encrypt", while_somebody_writes)
    with unit_of_work():
        assert BOTH.batch("fields", "customers.contact_encrypted", "").renewed == 0
        assert connection().execute(select(customers.c.contact_encrypted)).scalar_one() == b"\x02newer"


def test_a_field_that_cannot_be_read_is_counted_and_left() -> None:
    fill()
    with unit_of_work():
        connection().execute(update(customers).values(contact_encrypted=b"\x01broken"))
    _, unreadable = through("fields")
    assert unreadable == 1
    with unit_of_work():
        assert DatabaseSecretUse().held("fields", [], NOW)[1][0].place == "customers.contact_encrypted"


def test_every_encrypted_field_and_every_hash_that_can_be_made_again_has_its_turn() -> None:
    assert set(BOTH.places("fields")) == {f"{each.table.name}.{each.name}" for each in encrypted_columns()}
    assert set(BOTH.places("pepper")) == REHASHED
    assert BOTH.places("audit") == BOTH.places("tokens") == []


def test_every_field_under_a_persons_key_tells_whose_it_is() -> None:
    for column in columns_of(Kind.PERSON_KEY):
        assert column.table is people or "person_id" in column.table.c
