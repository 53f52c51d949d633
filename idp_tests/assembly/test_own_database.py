"""The database for commands: what is not ours is refused before a statement, and a unit of work is kept whole or not at all."""

import pytest

from idp.assembly.provider import assemble
from idp.assembly.secrets import SecretsProblem
from idp.core.events import SessionEnded
from idp.settings_file import load_settings
from idp_tests.assembly.test_secrets import other_secrets
from idp_tests.provider import START, Provider


def _record(provider: Provider, *, fails: bool = False) -> None:
    with provider.parts.own_database.unit_of_work():
        provider.parts.store.audit.record(SessionEnded(person_id="p1", session_id="s1", reason="support"), START)
        if fails:
            raise ValueError("no")


def _recorded(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM audit WHERE event = 'session.ended'"))


def test_a_unit_of_work_is_kept_whole(provider: Provider) -> None:
    _record(provider)
    assert _recorded(provider) == 1


def test_nothing_is_kept_of_one_that_raises(provider: Provider) -> None:
    with pytest.raises(ValueError, match="no"):
        _record(provider, fails=True)
    assert _recorded(provider) == 0


def test_a_database_that_other_secrets_filled_is_not_opened(provider: Provider) -> None:
    provider.parts.own_secrets.require()
    other_secrets(provider.directory)
    restarted = assemble(load_settings(provider.directory / "idp.toml"))
    with pytest.raises(SecretsProblem), restarted.own_database.opened():
        pytest.fail("it was opened")
    restarted.close()
