from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest

from idp.assembly import provider as module
from idp.assembly.provider import assemble
from idp.core.identification.assertion import MethodFacts
from idp_tests.provider import START, Provider
from idp_tests.recorder import Recorder

PARTS = [name for name, part in vars(module.Provider).items() if isinstance(part, cached_property)]


def test_nothing_is_read_or_opened_until_somebody_uses_it(provider: Provider, tmp_path: Path) -> None:
    settings = provider.settings.model_copy(update={"clients": (tmp_path / "nowhere",)})
    parts = assemble(settings)
    assert not set(PARTS) & parts.__dict__.keys()
    parts.close()
    assert not set(PARTS) & parts.__dict__.keys()


def test_each_part_is_made_once_and_shared_by_all_that_use_it(provider: Provider) -> None:
    parts = provider.parts
    assert parts.sign_in.identify.methods is parts.methods
    assert parts.methods == (parts.bankid_method,)
    assert parts.bankid_method.orders is parts.store.orders
    assert parts.sign_in.identify.end_session is parts.accounts.end_session


def test_what_was_used_is_given_up_at_the_end_and_nothing_else(provider: Provider) -> None:
    ports = Recorder()
    parts = assemble(provider.settings)
    parts.__dict__["database"] = ports.port("database")
    parts.close()
    assert ports.names == ["database.close"]


def test_the_levels_of_the_methods_are_named_once_each(provider: Provider) -> None:
    class Method:
        facts = MethodFacts(name="other", provider="https://other.example", acr=provider.settings.bankid.acr)

    parts = assemble(provider.settings)
    parts.__dict__["methods"] = (provider.parts.bankid_method, Method())
    assert parts.acrs == (provider.settings.bankid.acr,)


def test_the_clock_is_this_machines_unless_another_is_given(provider: Provider) -> None:
    assert assemble(provider.settings).clock().utcoffset() is not None
    assert assemble(provider.settings, provider.clock).clock() == START


def test_clients_that_registered_count_only_while_registration_is_enabled(provider: Provider) -> None:
    closed = provider.settings
    open_ = closed.model_copy(
        update={"dynamic_registration": closed.dynamic_registration.model_copy(update={"enabled": True})}
    )
    for settings, expected in ((closed, False), (open_, True)):
        parts = replace(provider.parts, settings=settings)
        parts.clients.find("minasidor")
        assert ("registered_clients" in parts.__dict__) is expected
        parts.close()


@pytest.mark.parametrize("name", PARTS)
def test_every_part_says_what_it_is(name: str) -> None:
    assert vars(module.Provider)[name].__doc__
