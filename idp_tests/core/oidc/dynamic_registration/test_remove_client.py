"""Remove a client: what people allowed it ends with it."""

import pytest

from idp.core.oidc.dynamic_registration.remove_client import NotRegistered, Removed
from idp.core.oidc.errors import Refused
from idp_tests.registrations import (
    NOW,
    Endpoints,
)


def test_a_removed_client_is_gone_with_its_grants_and_consents_once() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    removals = [endpoints.remove_client(told["client_id"], NOW) for _ in range(2)]
    assert removals == [Removed(), NotRegistered()]
    assert endpoints.consents.withdrawn == [told["client_id"]]
    assert endpoints.audit.names == ["client.registered", "client.deleted"]
    with pytest.raises(Refused):
        endpoints.caller(told)


def test_of_two_removals_at_once_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    monkeypatch.setattr(type(endpoints.registered), "remove", lambda *_: False)
    assert endpoints.remove_client(told["client_id"], NOW) == NotRegistered()
    assert endpoints.consents.withdrawn == []
    assert endpoints.audit.names == ["client.registered"]
