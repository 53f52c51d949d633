"""Nothing is left of who was erased; `IDP_ERASURE_LOGINS=10000 pytest -s --timeout=0 …` tries that many and prints what it found."""

import os

import pytest

from idp_tests.attacks.erasure_proof import prove
from idp_tests.provider import Provider

LOGINS = int(os.environ.get("IDP_ERASURE_LOGINS", "6"))


@pytest.mark.each_database
def test_nothing_is_left_of_who_was_erased_and_nothing_of_others_is_plain_that_is_not_said_to_be(
    provider: Provider,
) -> None:
    findings = prove(provider, LOGINS)
    for each in findings:
        print(
            f"{each.searched:45} {each.size:>14,} bytes   erased {dict(each.erased) or 0}   others {dict(each.others) or 0}"
        )
    control, *searched = findings
    assert control.erased["people.profile_encrypted"] == control.erased["identities.key_encrypted"] == (LOGINS + 1) // 2
    assert control.erased["authentications.device_ip_encrypted"] >= (LOGINS + 1) // 2
    assert control.others == {}
    assert {each.searched: each.erased for each in searched if each.erased} == {}
    assert {each.searched: each.others for each in searched if each.others} == {}
