"""The error codes that anybody is told: Authlib's vocabulary, and a few that it does not know."""

import importlib
import pkgutil
from typing import get_args

import authlib.oauth2
import authlib.oidc
import pytest
from authlib.oauth2 import OAuth2Error

from idp.core.oidc.errors import Displayed, ErrorCode, Redirected, Refused, ReplyTo, ResponseMode

BEYOND_AUTHLIB = {
    "server_error": "RFC 6749 4.1.2.1",
    "temporarily_unavailable": "RFC 6749 4.1.2.1",
    "invalid_target": "RFC 8707 2",
    "invalid_dpop_proof": "RFC 9449 5",
    "use_dpop_nonce": "RFC 9449 8",
    "unmet_authentication_requirements": "OpenID Connect Core Error Code unmet_authentication_requirements 1.0",
}
"""Codes of specifications that Authlib does not implement."""


def authlibs_codes() -> set[str]:
    for package in (authlib.oauth2, authlib.oidc):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".errors"):
                importlib.import_module(module.name)
    found, kinds = set(), [OAuth2Error]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found.add(kind.error)
    return found


def test_every_code_is_authlibs_or_named_here() -> None:
    ours = set(get_args(ErrorCode))
    assert ours - authlibs_codes() == BEYOND_AUTHLIB.keys()


def test_no_code_stands_twice() -> None:
    assert len(get_args(ErrorCode)) == len(set(get_args(ErrorCode)))


def test_an_explanation_has_everything_once_in_the_characters_that_an_answer_may_have() -> None:
    """RFC 6749 5.2: no quotation marks, no backslashes, no line ends; nothing beyond ASCII."""
    error = Refused(code="invalid_request", description="told", detail="told", diagnosis='"sent"\\ åäö\r\n')
    assert error.explanation == "told; 'sent'/ ?????"
    assert len(Refused(code="invalid_request", description="x", diagnosis="y" * 5_000).explanation) == 1_000
    assert "sent" not in str(error)
    assert "sent" not in repr(error)


@pytest.mark.parametrize(
    "error",
    [
        Displayed(code="invalid_request", description="told", detail="logged"),
        Refused(code="invalid_request", description="told", detail="logged"),
        Redirected(
            code="invalid_request",
            description="told",
            detail="logged",
            reply_to=ReplyTo(client_id="rp", redirect_uri="x:/", response_mode=ResponseMode.QUERY, state=None),
        ),
    ],
)
def test_the_log_reads_the_detail_and_the_developer_the_description(error: Displayed | Refused | Redirected) -> None:
    assert str(error) == "invalid_request: logged"
    assert error.description == "told"


def test_without_a_detail_the_log_reads_the_description() -> None:
    assert str(Refused(code="invalid_grant", description="told")) == "invalid_grant: told"
