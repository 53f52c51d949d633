"""`idp consents`: seen, and taken back on the person's word."""

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna, allow_partner


def test_a_consent_is_listed_until_it_is_withdrawn(installed: Installation) -> None:
    anna = add_anna(installed)
    allow_partner(installed, anna)
    assert installed.done("consents", "list", anna) == "partner: email openid\n"
    assert installed.done("consents", "withdraw", anna, "partner") == "withdrawn; 0 grants revoked\n"
    assert installed.done("consents", "list", anna) == "none\n"
    assert "consent.withdrawn  client_id=partner" in installed.done("audit", "show", anna)


def test_what_was_never_allowed_cannot_be_withdrawn(installed: Installation) -> None:
    anna = add_anna(installed)
    result = installed.run("consents", "withdraw", anna, "partner")
    assert result.exit_code == 2
    assert "allows partner nothing" in result.stderr
