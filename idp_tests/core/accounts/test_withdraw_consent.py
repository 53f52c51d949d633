from typing import Any

from idp.core.accounts.withdraw_consent import NothingAllowed, WithdrawConsent, Withdrawn
from idp.core.events import ConsentWithdrawn
from idp_tests.builders import NOW
from idp_tests.recorder import Recorder


def withdraw(ports: Recorder) -> Any:
    use_case = WithdrawConsent(consents=ports.port("consents"), grants=ports.port("grants"), audit=ports.port("audit"))
    return use_case("p1", "partner", NOW, operator="eva")


def test_what_the_client_was_given_ends_with_the_consent() -> None:
    ports = Recorder({"consents.withdraw": True, "grants.revoke_for_person_and_client": 2})
    assert withdraw(ports) == Withdrawn(grants_revoked=2)
    assert ports.names == ["consents.withdraw", "grants.revoke_for_person_and_client", "audit consent.withdrawn"]
    assert ports.event(ConsentWithdrawn) == ConsentWithdrawn(person_id="p1", client_id="partner", operator="eva")


def test_where_nothing_is_allowed_nothing_is_revoked() -> None:
    ports = Recorder({"consents.withdraw": False})
    assert withdraw(ports) == NothingAllowed()
    assert ports.names == ["consents.withdraw"]
