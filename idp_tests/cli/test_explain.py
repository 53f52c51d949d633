"""`idp explain`: a code from somebody's screen becomes words."""

import re
from pathlib import Path

import pytest

from idp.cli.explain import ADVICE
from idp.core.events import LinkPaused, LoginRejected
from idp.web.language import Catalogs
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import THEN, assembled


@pytest.mark.parametrize("typed", ["ABCD2345", "abcd-2345", "abcd 2345"])
def test_a_known_code_tells_what_the_person_saw_and_what_to_do(installed: Installation, typed: str) -> None:
    with assembled(installed) as provider:
        provider.store.incidents.note("ABCD2345", THEN, {"page": "no_cookie", "status": 400, "client_id": "minasidor"})
    shown = installed.done("explain", typed)
    assert shown.startswith("ABCD2345  2026-05-05T12:00:00+00:00\nThe person saw: “")
    assert ADVICE["no_cookie"] in shown
    assert "    client_id: minasidor\n" in shown


def test_a_programs_refusal_is_explained_too(installed: Installation) -> None:
    facts = {"page": "refused", "error": "invalid_client", "path": "/token", "detail": "partner: wrong secret"}
    with assembled(installed) as provider:
        provider.store.incidents.note("ABCD2345", THEN, facts, of_program=True)
    shown = installed.done("explain", "ABCD2345")
    assert ADVICE["refused"] in shown
    assert "    detail: partner: wrong secret\n" in shown
    assert "The person saw" not in shown


def test_a_page_of_a_login_is_told_with_what_happened_in_that_login(installed: Installation) -> None:
    facts = {"page": "locked", "status": 429, "client_id": "minasidor", "interaction_id": "a" * 22}
    with assembled(installed) as provider:
        provider.store.incidents.note("ABCD2345", THEN, facts)
        for login in ("a" * 22, "b" * 22):
            paused = LinkPaused(
                person_id=None, client_id="minasidor", interaction_id=login, guesser="01aa", reference="ABCD2345"
            )
            provider.store.audit.record(paused, THEN)
    shown = installed.done("explain", "ABCD2345")
    assert shown.endswith(
        "What happened in this login:\n"
        f"    2026-05-05 12:00:00 UTC  link.paused  client_id=minasidor  guesser=01aa  "
        f"interaction_id={'a' * 22}  reference=ABCD2345\n"
        f"        {LinkPaused.sentence}\n"
    )


def test_an_unknown_code_is_exit_code_two_with_where_else_to_look(installed: Installation) -> None:
    result = installed.run("explain", "ZZZZZZZZ")
    assert result.exit_code == 2
    assert "search the log for it" in result.stderr


def test_every_error_page_has_advice_and_no_advice_is_left_over() -> None:
    pages = {match[1] for key in Catalogs.load().texts["sv"] if (match := re.fullmatch(r"error\.(\w+)\.title", key))}
    assert pages | {"bankid", "refused", "disowned", "frozen"} == ADVICE.keys(), "a program sees no page"


def test_a_failure_on_the_bankid_page_is_told_in_the_words_that_stood_there(installed: Installation) -> None:
    with assembled(installed) as provider:
        facts = {"page": "bankid", "message": "bankid.user_cancel", "hint_code": "userCancel"}
        provider.store.incidents.note("ABCD2345", THEN, facts)
    told = installed.done("explain", "ABCD2345")
    assert "The person saw: “Du avbröt i BankID-appen.”" in told
    assert "hint_code: userCancel" in told


def test_the_letters_said_to_be_unused_are(installed: Installation) -> None:
    source = Path("idp/web/error_code.py").read_text(encoding="utf-8")
    match = re.search(r'_LETTERS: Final = "([^"]+)"', source)
    assert match
    assert not set("0O1IL") & set(match[1])


def test_why_an_identification_was_refused_is_told_by_the_row_that_decided(installed: Installation) -> None:
    with assembled(installed) as provider:
        rejected = LoginRejected(interaction_id="i1", reason="transactionRiskBlocked", decided_by="risk_high")
        provider.store.audit.record(rejected, THEN)
        facts = {"page": "bankid", "message": "bankid.transaction_risk_blocked", "interaction_id": "i1"}
        provider.store.incidents.note("ABCD2345", THEN, facts | {"at": THEN.isoformat()})
    told = installed.done("explain", "ABCD2345")
    assert "decided_by=risk_high" in told
    assert "risk_high: BankID saw a high risk: `bankid.risk.high`." in told
