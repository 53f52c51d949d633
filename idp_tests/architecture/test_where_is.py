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


PLACE = re.compile(
    r"`((?:[a-z_.]+/)*[a-z_0-9]+\.(?:py|js|po|css|toml)|(?:[a-z_.]+/)+)(?:: ([A-Za-z_.]+))?`(?:: `([A-Za-z_]+)`)?"
)
"""A file or a room, and with a colon what to look for in it."""


def places(text: str) -> list[tuple[str, str | None]]:
    return [(path, inside or beside or None) for path, inside, beside in PLACE.findall(text)]


def test_a_place_is_read_with_what_is_named_in_it() -> None:
    text = "`web/error_page.py`, `brand.py`; `core/linking/`, `core/x.py: Name`, `core/y.py`: `TABLE`, `[brand]`, `/authorize`"
    assert places(text) == [
        ("web/error_page.py", None),
        ("brand.py", None),
        ("core/linking/", None),
        ("core/x.py", "Name"),
        ("core/y.py", "TABLE"),
    ]


@pytest.mark.parametrize("heading", ["## Where is …?", "## What a client is made of"])
def test_every_place_on_the_map_is_there(heading: str) -> None:
    table = (PRODUCT / "README.md").read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("|")]
    assert any(places(row) for row in rows)
    assert [place for row in rows for place in lost(row)] == []


def lost(row: str) -> list[str]:
    """What a row names and nobody finds; a name without a room is in the room that was named before it."""
    rooms, missing = [PRODUCT, PRODUCT.parent, PRODUCT / "core/oidc"], []
    for path, name in places(row):
        found = next((room / path for room in reversed(rooms) if (room / path).exists()), None)
        if found is None or (name is not None and name.split(".")[-1] not in found.read_text(encoding="utf-8")):
            missing.append(path if name is None else f"{path}: {name}")
        else:
            rooms.append(found if found.is_dir() else found.parent)
    return missing
