"""The address: doubtful settings about proxies, sessions and the issuer are named."""

import pytest

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


@pytest.mark.parametrize(
    ("old", "new", "what", "grade"),
    [
        ('["10.0.0.0/24"]', "[]", "trusted proxies", Grade.WARN),
        ('"10.0.0.0/24"', '"0.0.0.0/0"', "trusted proxies", Grade.FAIL),
        ("[mail]", '[sign_in]\nsession_idle = "PT3H"\n[mail]', "sessions", Grade.WARN),
        ("https://id.example", "http://localhost:8000", "issuer", Grade.WARN),
    ],
)
def test_a_doubtful_setting_is_named(installed: Installation, old: str, new: str, what: str, grade: Grade) -> None:
    installed.change(old, new)
    assert findings(installed)[what].grade is grade
