"""A step is added by its step, its page, its template, its words and one list.

The first four are a toy (`idp_tests/toys/terms_of_use`); the list is the one below.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from idp.app import create_app
from idp.assembly.provider import Provider as Assembled
from idp.assembly.step_order import STEPS, StepWithPage
from idp.core.languages import LANGUAGES
from idp.web.language import Catalogs
from idp.web.signin.interaction_pages import InteractionPages
from idp.web.view import View
from idp_tests.provider import Provider, WithScriptedBankId, a_collector
from idp_tests.toys.terms_of_use.page import TermsPage
from idp_tests.toys.terms_of_use.step import AcceptTerms, TermsOfUse
from idp_tests.toys.terms_of_use.words import WORDS


def _terms(parts: Assembled, pages: InteractionPages) -> View:
    return TermsPage(pages=pages, accept=AcceptTerms(interactions=parts.store.interactions))


WITH_TERMS = (*STEPS, StepWithPage(TermsOfUse(), _terms))
"""The one list."""


@dataclass(frozen=True, kw_only=True)
class _WithWords(WithScriptedBankId):
    """The product reads its words from two files; the toy's are added here."""

    @cached_property
    def catalogs(self) -> Catalogs:
        product = super().catalogs.texts
        return Catalogs(texts={language: {**product[language], **WORDS[language]} for language in LANGUAGES})


@pytest.fixture
def with_terms(provider: Provider) -> Iterator[Provider]:
    parts = _WithWords(settings=provider.settings, clock=provider.clock, scripted=provider.bankid)
    yield replace(provider, parts=parts, app=create_app(parts, WITH_TERMS), collector=a_collector(parts))
    parts.close()


@pytest.mark.each_database
def test_everybody_meets_the_new_step_once_in_a_login(with_terms: Provider) -> None:
    browser = with_terms.browser().authorize("partner").identify().submit("/consent", answer="allow")
    assert (browser.step, browser.status) == ("terms", 200)
    assert "Villkor för Partnern" in browser.page
    assert "code" in browser.submit("/terms").answer


def test_it_has_its_words_in_either_language(with_terms: Provider) -> None:
    browser = with_terms.browser().authorize("partner", ui_locales="en").identify().submit("/consent", answer="allow")
    assert "Terms of use of Partnern" in browser.page


def test_a_session_does_not_pass_it_and_silence_is_refused_in_the_steps_own_word(with_terms: Provider) -> None:
    browser = with_terms.browser().authorize("partner").identify().submit("/consent", answer="allow").submit("/terms")
    assert browser.authorize("partner", prompt="none").answer["error"] == "interaction_required"
    assert browser.authorize("partner").step == "terms"


def test_why_it_was_needed_is_in_the_audit_log(with_terms: Provider) -> None:
    browser = with_terms.browser().authorize("partner").identify().submit("/consent", answer="allow")
    login = browser.base.rpartition("/")[2]
    with with_terms.parts.database.unit_of_work():
        told = with_terms.parts.store.audit.of_interaction(login, with_terms.clock())
    required = {(event.facts["step"], event.facts["reason"]) for event in told if event.name == "login.step_required"}
    assert required == {("consent", "scopes_missing"), ("terms", "terms_not_accepted")}
