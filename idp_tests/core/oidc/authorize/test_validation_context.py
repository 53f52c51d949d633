"""What the checks share: parameters, the client once it is found, and where problems go."""

import pytest

from idp.core.oidc.authorize.validation_context import (
    RequestProblem,
    ValidationContext,
    reference_hash,
    refuse,
)
from idp.core.oidc.errors import ResponseMode
from idp.core.oidc.parameters import RawParameters
from idp_tests.authorization_requests import REDIRECT_URI, World, an_rp
from idp_tests.builders import NOW


def context(*sent: tuple[str, str]) -> ValidationContext:
    world = World.of()
    return ValidationContext(
        environment=world.environment, now=NOW, parameters=RawParameters.of(sent), client_found=an_rp()
    )


def test_words_stand_once_each_in_their_order_and_not_too_many() -> None:
    given = context(("acr_values", "b  a b c"))
    assert given.words("acr_values", 4) == ("b", "a", "c")
    assert given.words("absent", 4) == ()
    with pytest.raises(RequestProblem) as problem:
        given.words("acr_values", 2)
    assert (problem.value.code, problem.value.description) == ("invalid_request", "acr_values has too many words")


def test_no_check_gets_a_client_that_was_not_found() -> None:
    early = context()
    early.client_found = None
    with pytest.raises(AssertionError, match="client_is_known"):
        _ = early.client


def test_a_trusted_address_is_answered_in_the_mode_and_with_the_state_of_the_request() -> None:
    for mode, expected in (
        ("form_post", ResponseMode.FORM_POST),
        ("query", ResponseMode.QUERY),
        ("fragment", ResponseMode.QUERY),
    ):
        given = context(("response_mode", mode), ("state", "a state"))
        given.trust(REDIRECT_URI)
        assert given.reply_to is not None
        assert (given.reply_to.response_mode, given.reply_to.state) == (expected, "a state")
        assert (given.reply_to.client_id, given.reply_to.redirect_uri) == ("rp", REDIRECT_URI)


def test_a_problem_carries_the_code_the_description_and_the_detail() -> None:
    with pytest.raises(RequestProblem) as problem:
        refuse("invalid_scope", "told", "logged")
    assert (problem.value.code, problem.value.description, problem.value.detail) == ("invalid_scope", "told", "logged")


def test_a_reference_is_stored_as_its_hash() -> None:
    assert reference_hash("urn:x") == reference_hash("urn:x") != reference_hash("urn:y")
    assert len(reference_hash("urn:x")) == 64
