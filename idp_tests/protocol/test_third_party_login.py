"""The plan for logins that a third party begins: a client's start link is https, and it is told who asks (Core 4)."""

import html
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp.core.oidc.dynamic_registration.members import MetadataRefused
from idp.core.oidc.dynamic_registration.metadata import read_metadata
from idp_tests.cases import each
from idp_tests.protocol.plan import Visitor
from idp_tests.provider import ISSUER, Provider
from idp_tests.registrations import TERMS, members
from idp_tests.relying_party import change

START = "https://basic.example/login"


def start_links(visitor: Visitor) -> list[str]:
    """Every link of the page that leads to the client's start."""
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', visitor.page) if link.startswith(START)]


def test_the_link_that_begins_a_login_says_who_asks(op: Provider) -> None:
    """oidcc-3rd_party-init-login: from the log-out page, and from an error that only a new login can mend."""
    visitor = Visitor(op)
    hint = visitor.ask().log_in().tokens()["id_token"]
    visitor.get(f"/logout?{urlencode({'id_token_hint': hint})}")
    [after_logout] = start_links(visitor)
    visitor.open({"client_id": "basic", "request_uri": "urn:ietf:params:oauth:request_uri:gone"})
    assert visitor.is_displayed
    [after_error] = start_links(visitor)
    for link in (after_logout, after_error):
        assert link.partition("?")[0] == START
        assert dict(parse_qsl(urlsplit(link).query)) == {"iss": ISSUER}


def test_a_client_without_a_start_link_is_not_started(op: Provider) -> None:
    change(op, "basic", initiate_login_uri=None)
    visitor = Visitor(op)
    hint = visitor.ask().log_in().tokens()["id_token"]
    visitor.get(f"/logout?{urlencode({'id_token_hint': hint})}")
    assert start_links(visitor) == []


HTTPS = "https://rp.example/login"
NOT_HTTPS = (
    "http://localhost:8001/login",
    "http://rp.example/login",
    "HTTP://rp.example/login",
    "javascript:alert(1)",
    "/login",
)
FILE = {
    "client_name": "RP",
    "security_profile": "third_party",
    "redirect_uris": ["https://rp.example/cb"],
    "token_endpoint_auth_method": "client_secret_basic",
    "client_secret_hash": "0" * 64,
}


@each("sandbox", [False, True])
@each("uri", NOT_HTTPS)
def test_a_start_link_that_is_registered_is_https(uri: str, sandbox: bool) -> None:
    """oidcc-3rd_party-init-login-nohttps."""
    profile, terms = SecurityProfile.THIRD_PARTY, replace(TERMS, sandbox=sandbox)
    assert read_metadata(members(initiate_login_uri=HTTPS), profile, terms)["initiate_login_uri"] == HTTPS
    with pytest.raises(MetadataRefused, match="initiate_login_uri"):
        read_metadata(members(initiate_login_uri=uri), profile, terms)


@each("sandbox", [False, True])
@each("uri", NOT_HTTPS)
def test_a_start_link_in_a_file_is_https(uri: str, sandbox: bool) -> None:
    with pytest.raises(MetadataProblems, match="initiate_login_uri"):
        read_client("rp", {**FILE, "initiate_login_uri": uri}, issuer=ISSUER, sandbox=sandbox)
    client = read_client("rp", {**FILE, "initiate_login_uri": HTTPS}, issuer=ISSUER, sandbox=sandbox)
    assert client.initiate_login_uri == HTTPS
