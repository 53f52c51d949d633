"""Remove a client: what people allowed it ends with it."""

import pytest

from idp.core.oidc.errors import Refused
from idp_tests.registrations import (
    NOW,
    Endpoints,
)


def test_a_removed_client_is_gone_with_its_grants_and_consents_once() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    client = endpoints.caller(told).client
    removals = [endpoints.remove_client(client, NOW) for _ in range(2)]
    assert removals == [True, False]
    assert endpoints.consents.withdrawn == [told["client_id"]]
    assert endpoints.audit.names == ["client.registered", "client.deleted"]
    with pytest.raises(Refused):
        endpoints.caller(told)
