from typing import Any

from idp.core.linking.attempts import Seen
from idp_tests.builders import NOW, a_claimant


def a_seen_attempt(**changes: Any) -> Seen:
    members: dict[str, Any] = {
        "at": NOW,
        "reference": "ABCD2345",
        "guesser": "01aa",
        "person_id": None,
        "customer_id": "c1",
        "authentication_id": "a1",
        "verdict": "allow",
        "tier": "four-digits",
        "result": "mismatch",
        "network": "192.0.2.0/24",
    }
    return Seen(**members | changes)


def test_a_claimant_is_printed_without_the_personal_number() -> None:
    claimant = a_claimant()
    assert claimant.identity.key not in repr(claimant)
