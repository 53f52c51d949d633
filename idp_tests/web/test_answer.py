import pytest
from werkzeug.wrappers import Response as BaseResponse

from idp.assembly.web import make_pages
from idp.core.oidc.authorize.response import AuthorizationResponse, success_response
from idp.core.oidc.errors import Redirected, ReplyTo, ResponseMode
from idp.web.answer import ClientAnswers
from idp_tests.provider import ISSUER, Provider

ODD = "https://partner.example/other?x=1"


def answer(mode: ResponseMode, uri: str = ODD) -> AuthorizationResponse:
    reply_to = ReplyTo(client_id="partner", redirect_uri=uri, response_mode=mode, state="a state")
    return success_response(reply_to, "code", ISSUER)


@pytest.fixture
def answers(provider: Provider) -> ClientAnswers:
    return ClientAnswers(pages=make_pages(provider.parts), clients=provider.parts.clients)


def in_a_request(provider: Provider, answers: ClientAnswers, response: AuthorizationResponse) -> BaseResponse:
    with provider.app.test_request_context("/", base_url=ISSUER):
        return answers.send(response)


def test_a_redirect_keeps_the_registered_address_byte_for_byte_and_repeats_no_form(
    provider: Provider, answers: ClientAnswers
) -> None:
    sent = in_a_request(provider, answers, answer(ResponseMode.QUERY))
    assert (sent.status_code, sent.headers["Cache-Control"]) == (303, "no-store")
    assert sent.headers["Location"] == f"{ODD}&code=code&state=a%20state&iss=https%3A%2F%2Fid.example"


def test_an_answer_by_form_stands_in_the_page_and_in_no_address(provider: Provider, answers: ClientAnswers) -> None:
    sent = in_a_request(provider, answers, answer(ResponseMode.FORM_POST))
    page = sent.get_data(as_text=True)
    assert sent.status_code == 200
    assert "Location" not in sent.headers
    assert f'action="{ODD}"' in page
    assert 'name="code" value="code"' in page


def test_a_native_app_is_left_for_by_a_link_that_a_person_taps(provider: Provider, answers: ClientAnswers) -> None:
    with provider.app.test_request_context("/", base_url=ISSUER):
        shown = answers.show_way_back(answer(ResponseMode.QUERY, "se.app:/cb"), "Appen", "sv")
    assert 'href="se.app:/cb?code=code&amp;state=a%20state' in shown.get_data(as_text=True)


def test_an_error_is_raised_for_the_one_place_that_answers_errors(provider: Provider, answers: ClientAnswers) -> None:
    reply_to = answer(ResponseMode.QUERY).reply_to
    error = Redirected(code="access_denied", description="", reply_to=reply_to)
    with provider.app.test_request_context("/"), pytest.raises(Redirected):
        answers.send(error)
    with provider.app.test_request_context("/"), pytest.raises(Redirected):
        answers.show_way_back(error, "Appen", "sv")
