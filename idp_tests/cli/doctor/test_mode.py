"""The mode: what a sandbox may do is said, and what production refuses is a failure with its key."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def in_production(installed: Installation) -> None:
    installed.change('mode = "sandbox"', 'mode = "production"')
    installed.change("https://localhost:1/rp/v6.0", "https://appapi2.bankid.com/rp/v6.0")
    installed.change("test_environment = true", "")
    installed.change('folder = "mail"', 'smtp_host = "127.0.0.1"\nsmtp_port = 1')


def test_a_sandbox_is_told_that_it_is_one(installed: Installation) -> None:
    assert findings(installed)["mode"].grade is Grade.WARN


def test_what_production_refuses_to_start_with_is_a_failure(installed: Installation) -> None:
    in_production(installed)
    (installed.directory / "rp.pem").chmod(0o644)
    found = findings(installed)
    assert found["mode"].grade is Grade.OK
    assert found["bankid.client_certificate"].grade is Grade.FAIL
