"""The map in idp/README.md leads to files that are there, and the questions that newcomers ask have an answer in the tree."""

import re
from pathlib import Path

import pytest

from idp_tests.cases import each

PRODUCT = Path(__file__).parents[2] / "idp"
QUESTIONS: dict[str, tuple[str, ...]] = {
    "in which order the sign-in's steps come": ("assembly/step_order.py",),
    "whether an order on the same device is believed": ("core/identification/bankid/trust.py",),
    "which text a BankID hint code gets": ("core/identification/bankid/messages.py",),
    "calls to BankID's API": ("adapters/bankid/client.py",),
    "checks of BankID's signature": ("adapters/bankid/evidence.py", "adapters/bankid/signature.py"),
    "the content of the animated QR code": ("core/identification/bankid/animated_qr.py",),
    "what the page's polling is answered": ("web/signin/bankid/status.py",),
    "the calls in the background that start and collect orders": ("jobs/bankid/collector.py",),
    "how an identification becomes a session and a known person": ("core/signin/identify.py",),
    "whether a person belongs to a company, and how many tries there are": ("core/linking/prove_claim.py",),
    "how an account is opened": ("core/accounts/open_account.py",),
    "how an account is blocked": ("core/accounts/block.py",),
    "how a link to a company ends": ("core/accounts/end_link.py",),
    "names and fields of audit events": ("core/events.py",),
    "the checks of an authorization request": ("core/oidc/authorize/checks.py",),
    "pushed authorization requests": ("core/oidc/authorize/pushed_request.py",),
    "the exchange of an authorization code": ("core/oidc/tokens/authorization_code.py",),
    "rotation and reuse of refresh tokens": ("core/oidc/tokens/refresh_token.py",),
    "which claims exist, and what opens them": ("core/oidc/claims/table.py",),
    "signing algorithms": ("core/oidc/keys/algorithms.py",),
    "what of a registering client's JSON is in force": ("core/oidc/dynamic_registration/metadata.py",),
    "reading client files": ("adapters/client_files.py",),
    "how a client authenticates": ("core/oidc/clients/authentication.py",),
    "what a security profile allows": ("core/oidc/clients/profile.py",),
    "the discovery document": ("core/oidc/discovery.py",),
    "reading a register's file, and what an import changes": (
        "adapters/customer_files",
        "core/customer_register/plan.py",
    ),
    "what e-mails say, and who sends them": ("jobs/email_texts.py", "adapters/messages/email.py"),
    "logout tokens, and who sends them": (
        "core/oidc/logout/logout_token.py",
        "adapters/messages/back_channel_logout.py",
    ),
    "where adapters are made and handed out": ("assembly/provider.py",),
    "how a crash becomes a page with a code": ("web/error_handlers.py",),
}
"""Asked before anything was renamed; a stranger with nothing but the list of files finds at least 27 of the 30."""


@each("question", list(QUESTIONS))
def test_the_answer_to_a_newcomers_question_is_there(question: str) -> None:
    assert [path for path in QUESTIONS[question] if not (PRODUCT / path).exists()] == []


def test_there_are_thirty_questions() -> None:
    assert len(QUESTIONS) == 30


@pytest.mark.parametrize("heading", ["## Where is …?", "## What a client is made of"])
def test_every_path_on_the_map_is_there(heading: str) -> None:
    table = (PRODUCT / "README.md").read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    named = re.findall(r"`((?:[a-z_.]+/)+[a-z_]*(?:\.(?:py|js|po))?)`", table)
    rooms = (PRODUCT, PRODUCT.parent, PRODUCT / "core/oidc", PRODUCT / "core/oidc/dynamic_registration")
    assert named
    assert [path for path in named if not any((room / path).exists() for room in rooms)] == []
