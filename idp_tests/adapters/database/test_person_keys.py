"""Keys of persons: one destroyed key makes everything personal of one person unreadable, in whatever copy of the rows."""

import pytest
from sqlalchemy import insert, select

from idp.adapters.database.authentications import Authentications
from idp.adapters.database.encryption import FieldUnreadable
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.identities import Identities
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.sessions import DatabaseSessions
from idp.adapters.database.tables import authentications, identities, people, person_keys
from idp.core.ids import new_id
from idp_tests.adapters.database.seeds import a_grant, a_session, add_authentication, add_person, not_overtaken
from idp_tests.adapters.database.test_accounts import ANNA, LATER, assertion, register
from idp_tests.builders import a_client, a_profile, an_authentication, an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER, a_cipher

pytestmark = pytest.mark.usefixtures("database_context")

KEYS = PersonKeys(CIPHER)
PEOPLE = DatabasePeople(CIPHER, PEPPER)


def test_nothing_of_a_person_is_read_by_the_secret_alone() -> None:
    person = register()
    with unit_of_work():
        event = an_authentication(id=new_id(NOW), person_id=person.id)
        PEOPLE.record_authentication(event, assertion())
        of_person = connection().execute(select(people.c.profile_encrypted, people.c.contact_encrypted)).one()
        key = connection().execute(select(identities.c.key_encrypted)).scalar_one()
        address = connection().execute(select(authentications.c.device_ip_encrypted)).scalar_one()

    assert [bytes(field)[0] for field in (*of_person, key, address)] == [0, 0, 0, 0]
    for field in (*of_person, key, address):
        with pytest.raises(FieldUnreadable):
            CIPHER.decrypt(f"people.profile.{person.id}", field)


def test_an_address_of_a_newcomer_comes_under_the_key_with_the_account() -> None:
    events = Authentications(CIPHER, Identities(CIPHER, PEPPER))
    with unit_of_work():
        before = an_authentication(id=new_id(NOW), person_id="")
        events.record(before, assertion())
        stored = select(authentications.c.device_ip_encrypted)
        assert connection().execute(stored).scalar_one()[0] == 1
    person = register(authentication_id=before.id)

    with unit_of_work():
        claimed = connection().execute(stored).scalar_one()
        own = KEYS.hold(person.id)
    assert own.decrypt_text(f"authentications.device_ip.{before.id}", claimed) == before.device_ip


def test_each_person_has_another_key_that_is_bound_to_the_person() -> None:
    with unit_of_work():
        anna, bo = add_person(ANNA).id, add_person("197001010018").id
        sealed = KEYS.hold(anna).encrypt("place", b"secret")
        with pytest.raises(FieldUnreadable):
            KEYS.hold(bo).decrypt("place", sealed)
        wrapped = connection().execute(select(person_keys.c.key_encrypted).where(person_keys.c.person_id == anna))
        stolen = wrapped.scalar_one()
    with pytest.raises(FieldUnreadable):
        CIPHER.of_person(bo, stolen)


def test_a_key_is_destroyed_once_and_nobody_writes_under_it_after() -> None:
    with unit_of_work():
        anna = add_person(ANNA).id
        assert KEYS.destroy(anna)
        assert not KEYS.destroy(anna)
        assert not not_overtaken(lambda: KEYS.hold(anna))
        assert not not_overtaken(lambda: PEOPLE.refresh(anna, a_profile()))


def test_without_a_key_there_is_no_person_no_session_and_no_grant() -> None:
    with unit_of_work():
        person = add_person(ANNA)
        event = add_authentication(person)
        DatabaseSessions(CIPHER).start(a_session(person, event), "cookie")
        grant = a_grant(person, event)
        DatabaseGrants(CIPHER).open(grant)
        KEYS.destroy(person.id)

        assert PEOPLE.find(person.id) is None
        assert PEOPLE.find_by_identity(an_identity(ANNA)) is None
        assert PEOPLE.search(person.sub) == []
        assert DatabaseSessions(CIPHER).find("cookie", a_client(), NOW, LATER - NOW) is None
        assert DatabaseGrants(CIPHER).find_live(grant.id, LATER) is None


def test_a_copy_of_the_rows_with_all_secrets_and_without_the_keys_tells_nothing() -> None:
    person = register()
    with unit_of_work():
        copy = connection().execute(select(people)).mappings().one()
        KEYS.destroy(person.id)
        connection().execute(
            insert(person_keys).values(person_id=person.id, key_encrypted=CIPHER.make_person_key(person.id))
        )
        guessed = KEYS.hold(person.id)
    with pytest.raises(FieldUnreadable):
        guessed.decrypt(f"people.profile.{person.id}", copy["profile_encrypted"])


def test_keys_follow_the_secret_that_wraps_them() -> None:
    older, newer = a_cipher({1: bytes(32)}), a_cipher({1: bytes(32), 2: bytes(range(32))})
    wrapped = older.make_person_key("p")

    sealed = older.of_person("p", wrapped).encrypt("place", b"secret")

    assert newer.of_person("p", wrapped).decrypt("place", sealed) == b"secret"
    assert newer.make_person_key("p")[0] == 2
