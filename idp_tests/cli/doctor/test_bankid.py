"""BankID: the certificate's end is said in time, and an expired one hides nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from idp.app import create_app
from idp.assembly.jobs import make_expiry_warnings
from idp.cli.doctor.bankid import look_at_bankid
from idp.cli.doctor.finding import Grade
from idp.core.identification.bankid.api import BankIdError, BankIdMisused, BankIdUnavailable
from idp_tests.cli.doctor.looking import NOW, assembled, findings
from idp_tests.cli.installation import Installation, write_certificate


@pytest.mark.parametrize(
    ("days", "grade"), [(61.5, Grade.OK), (60.5, Grade.WARN), (7.5, Grade.WARN), (0.5, Grade.FAIL)]
)
def test_a_bankid_certificate_is_warned_of_in_time(installed: Installation, days: float, grade: Grade) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW + timedelta(days=days))
    assert findings(installed)["BankID certificate"].grade is grade


def test_an_expired_bankid_certificate_fails_and_the_others_are_still_heard(installed: Installation) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW - timedelta(days=1))
    found = findings(installed)
    assert found["BankID certificate"].grade is Grade.FAIL
    assert "expired" in found["BankID certificate"].seen
    assert found["BankID certificate"].remedy.startswith("order a new one")
    assert found["database"].grade is Grade.OK


def test_an_expired_bankid_certificate_keeps_nobody_from_refreshing_tokens(installed: Installation) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW - timedelta(days=1))
    provider = assembled(installed)
    assert create_app(provider).test_client().get("/jwks.json").status_code == 200
    (said,) = make_expiry_warnings(provider).look["BankID certificate"](NOW)
    threshold = said.threshold(NOW)
    assert threshold is not None
    assert threshold <= 1, "else it is no error in the log"


def _answering(problem: BankIdError | None) -> Callable[[], None]:
    """A ping of BankID with one answer."""

    def ping() -> None:
        if problem is not None:
            raise problem

    return ping


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        (BankIdUnavailable("maintenance", "Planned"), "BankID is in trouble itself"),
        (BankIdMisused("unauthorized", "Not you"), "BankID does not take our calls"),
        (BankIdMisused("tls", "CERTIFICATE_VERIFY_FAILED"), "check the network"),
        (BankIdUnavailable("connection", "NewConnectionError"), "check the network"),
    ],
)
def test_a_bankid_that_is_down_is_a_failure_with_what_to_do(
    installed: Installation, problem: BankIdError, remedy: str
) -> None:
    (found,) = look_at_bankid(assembled(installed).settings.bankid, _answering(problem), lambda: NOW)
    assert (found.grade, found.what) == (Grade.FAIL, "BankID")
    assert problem.code in found.seen
    assert found.remedy.startswith(remedy)


def test_a_bankid_that_works_is_well(installed: Installation) -> None:
    (found,) = look_at_bankid(assembled(installed).settings.bankid, _answering(None), lambda: NOW)
    assert found.grade is Grade.OK


def test_what_a_login_does_not_prove_is_said(installed: Installation) -> None:
    found = findings(installed)["BankID evidence"]
    assert (found.grade, found.seen.partition(":")[0]) == (Grade.WARN, "bankid.people_roots")
    installed.change("[mail]", 'people_roots = ["rp.pem"]\n[mail]')
    assert findings(installed)["BankID evidence"].grade is Grade.OK
