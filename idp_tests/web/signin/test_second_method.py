"""A second method of identification logs people in beside BankID; nothing but its own rooms and the assembly knows it.

The method, its step and its page are a toy (`idp_tests/toys/paper_code`); everything else is the product.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pytest
from joserfc import jws

from idp.app import create_app
from idp.assembly.step_order import STEPS, StepWithPage
from idp.core.evidence.bundle import Bundle
from idp.core.evidence.ports import Selection
from idp.core.evidence.seal import content_of
from idp.core.identification.method import AnyMethod
from idp.core.oidc.claims.claim_names import AUTHN_PROVIDER_CLAIM, PERSONAL_NUMBER_CLAIM
from idp.core.people.person import Profile
from idp.core.signin.steps.sign_in_again import SignInAgain
from idp.web.signin.interaction_pages import InteractionPages
from idp.web.view import View
from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, Provider, WithScriptedBankId, a_collector
from idp_tests.toys.paper_code.method import PAPER, Owner, PaperCodes
from idp_tests.toys.paper_code.page import PaperPage
from idp_tests.toys.paper_code.step import PaperLogin

PIA = Owner(
    member="4711",
    profile=Profile(name="Pia Papper", given_name="Pia", surname="Papper", birthdate=date(1980, 2, 3)),
)


@dataclass(frozen=True, kw_only=True)
class WithPaper(WithScriptedBankId):
    """The assembly of a provider with both methods."""

    paper: PaperCodes

    @cached_property
    def methods(self) -> tuple[AnyMethod, ...]:
        return (*super().methods, self.paper)


def _page_of(step: Any) -> StepWithPage:
    def make(parts: Any, pages: InteractionPages) -> View:
        return PaperPage(pages=pages, method=parts.paper, step_name=step.name)

    return StepWithPage(step, make)


def _with_paper(provider: Provider, steps: tuple[StepWithPage, ...]) -> Provider:
    paper = PaperCodes(codes={"first": PIA, "second": PIA, "third": PIA})
    parts = WithPaper(settings=provider.settings, clock=provider.clock, scripted=provider.bankid, paper=paper)
    return replace(provider, parts=parts, app=create_app(parts, steps), collector=a_collector(parts))


@pytest.fixture
def both(provider: Provider) -> Iterator[Provider]:
    """Clients that demand the level of paper get its page, all others BankID's."""
    with_paper = _with_paper(provider, (_page_of(PaperLogin()), *STEPS))
    yield with_paper
    with_paper.parts.close()


@pytest.fixture
def paper_alone(provider: Provider) -> Iterator[Provider]:
    """Paper has the page of signing in again, too."""
    rest = [each for each in STEPS if each.step.name != SignInAgain.name]
    with_paper = _with_paper(provider, (_page_of(PaperLogin()), *rest[:3], _page_of(SignInAgain()), *rest[3:]))
    yield with_paper
    with_paper.parts.close()


def _demanding(acr: str, **id_token: Any) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "value": acr}, **id_token}})


def _id_token(browser: Browser, client_id: str) -> dict[str, Any]:
    answer = browser.redeem(client_id).get_json()
    assert "id_token" in answer, answer
    return dict(json.loads(jws.extract_compact(answer["id_token"].encode()).payload))


def _log_in(browser: Browser, code: str = "first") -> Browser:
    browser.authorize("partner", claims=_demanding(PAPER.acr, **{AUTHN_PROVIDER_CLAIM: None}))
    assert browser.step == "paper"
    return browser.submit("/paper", code=code)


def _proofs(both: Provider) -> list[tuple[str, str, str]]:
    """Of the logins: method, kind of evidence, and the method's own name for it."""
    with both.parts.database.unit_of_work():
        kept = [Bundle.from_bytes(content_of(each.sealed)) for each in both.parts.store.evidence.select(Selection())]
    return [(found.method, found.kind, found.reference) for each in kept if (found := each.identification) is not None]


@pytest.mark.each_database
def test_its_login_ends_in_an_id_token_that_names_its_level_its_references_and_its_provider(both: Provider) -> None:
    browser = _log_in(both.browser()).submit("/consent", answer="allow")
    told = _id_token(browser, "partner")
    assert (told["acr"], told["amr"], told[AUTHN_PROVIDER_CLAIM]) == (PAPER.acr, ["otp"], PAPER.provider)
    stored = both.scalar("SELECT method || ' ' || provider || ' ' || acr FROM authentications")
    assert stored == f"paper_code {PAPER.provider} {PAPER.acr}"
    assert _proofs(both) == [("paper_code", "paper_code", "list of 4711")]
    assert both.scalar("SELECT scheme FROM identities") == "paper.member"
    assert both.bankid.requests == []


def test_bankid_logs_in_beside_it_and_its_token_says_so(both: Provider) -> None:
    browser = both.browser().authorize("partner", claims=json.dumps({"id_token": {AUTHN_PROVIDER_CLAIM: None}}))
    browser.identify().submit("/consent", answer="allow")
    told = _id_token(browser, "partner")
    assert (told["acr"], told[AUTHN_PROVIDER_CLAIM]) == (both.settings.bankid.acr, "https://www.bankid.com")


def test_a_code_that_is_on_no_list_identifies_nobody(both: Provider) -> None:
    browser = _log_in(both.browser(), code="wrong")
    assert (browser.status, browser.step) == (422, "paper")
    assert browser.submit("/paper", code="first").step == "consent"


def test_the_same_person_is_recognised_by_the_next_code(both: Provider) -> None:
    _log_in(both.browser())
    _log_in(both.browser(), code="second")
    assert both.scalar("SELECT count(*) FROM people") == 1
    assert both.scalar("SELECT count(*) FROM authentications") == 2


def test_its_session_is_single_sign_on_until_a_client_demands_the_level_of_the_other_method(both: Provider) -> None:
    browser = _log_in(both.browser()).submit("/consent", answer="allow")
    assert "code" in browser.authorize("partner").answer
    browser.authorize("partner", claims=_demanding(both.settings.bankid.acr))
    assert browser.step == "bankid"
    assert browser.authorize("partner", prompt="none", claims=_demanding(both.settings.bankid.acr)).answer["error"] == (
        "login_required"
    )


def test_discovery_names_the_levels_of_both(both: Provider) -> None:
    document = both.app.test_client().get("/.well-known/openid-configuration", base_url=ISSUER).get_json()
    assert document["acr_values_supported"] == [both.settings.bankid.acr, PAPER.acr]


def test_a_whole_first_login_by_it_links_and_registers_and_signs_in_again(paper_alone: Provider) -> None:
    browser = paper_alone.browser().authorize(claims=_demanding(PAPER.acr))
    browser.submit("/paper", code="first").link().register()
    paper_alone.clock.advance(seconds=5)
    assert browser.step == "again"
    told = _id_token(browser.submit("/again", code="second"), "minasidor")
    assert told["acr"] == PAPER.acr
    assert PERSONAL_NUMBER_CLAIM not in told
    assert paper_alone.scalar("SELECT count(*) FROM links") == 1
