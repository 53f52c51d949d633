"""Every member of a client is declared once; files, registrations, profiles, words and the reference follow from it."""

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

from idp.core.oidc.clients.client import MEMBERS, Client, SubjectType
from idp.core.oidc.clients.explanation import explain
from idp.core.oidc.clients.members import Group, Member
from idp.core.oidc.clients.profile import Defaults
from idp.core.oidc.dynamic_registration.members import _SHAPES
from idp_tests.authorization_requests import an_rp

REFERENCE = Path(__file__).parents[4] / "config/clients/README.md"
DERIVED = {"sector_identifier", "told_of_provider", "nonce_may_replace_pkce"}
"""Fields that nobody writes."""
SILENT = {
    "application_type": "told by the redirect URIs",
    "backchannel_logout_session_required": "always so",
    "bankid_return_uri": "starts no login",
    "client_names": "the name is told",
    "client_uri": "a link on our pages",
    "contacts": "not used",
    "default_acr_values": "hints only",
    "default_max_age": "a request may say it too",
    "frontchannel_logout_session_required": "always so",
    "initiate_login_uri": "a link on our pages",
    "intention": "words only",
    "introspection_signed_response_alg": "for those who ask for it",
    "require_auth_time": "always so",
    "response_types": "there is one",
    "sector_identifier_uri": "told by the sector",
    "select_customer": "asks the person, tells the client nothing more",
    "software_id": "not used",
    "software_version": "not used",
}
"""What an approving person does not read about, and why."""
BY_PROFILE = {
    "assertion_audiences",
    "request_object_signing_algs",
    "select_customer",
    "unconfirmed_contact_allowed",
    "userinfo_signed_response_alg",
}
"""What follows from the profile in another way than by a default."""
OTHER: dict[str, Any] = {
    "client_id": "another",
    "client_name": "Another",
    "security_profile": "fapi2",
    "redirect_uris": frozenset({"https://another.example/cb"}),
    "token_endpoint_auth_methods": frozenset({"none"}),
    "token_endpoint_auth_signing_algs": frozenset({"PS256"}),
    "assertion_audiences": frozenset({"https://another.example"}),
    "jwks": {"keys": []},
    "client_secret_hashes": ("a" * 64, "b" * 64),
    "grant_types": frozenset({"authorization_code"}),
    "scopes": frozenset({"openid"}),
    "request_object_signing_algs": frozenset(),
    "id_token_signed_response_alg": "PS256",
    "userinfo_signed_response_alg": "PS256",
    "refresh_lifetime": timedelta(hours=1),
    "refresh_rotated": False,
    "sso_group": "another",
    "subject_type": SubjectType.PAIRWISE,
    "access_token_lifetime": timedelta(minutes=1),
    "id_token_lifetime": timedelta(minutes=1),
}


def talkative(**changes: Any) -> Client:
    """A client about which there is much to say."""
    members: dict[str, Any] = {
        "scopes": frozenset({"openid", "https://id.oidc.se/scope/naturalPersonNumber"}),
        "grant_types": frozenset({"authorization_code", "refresh_token"}),
        "refresh_lifetime": timedelta(hours=24),
        "token_endpoint_auth_methods": frozenset({"none", "private_key_jwt"}),
    }
    return an_rp(**members | changes)


def test_every_field_of_a_client_is_declared() -> None:
    assert {one.name for one in dataclasses.fields(Client)} - MEMBERS.keys() == DERIVED


def test_every_declaration_says_what_it_means() -> None:
    assert [name for name, member in MEMBERS.items() if not member.means or not isinstance(member, Member)] == []


def test_a_member_means_something_to_the_person_who_approves_it_or_says_why_not() -> None:
    before = talkative()
    unsaid = set()
    for name in MEMBERS:
        other = OTHER.get(name, _other(getattr(before, name)))
        if explain(dataclasses.replace(before, **{name: other})) == explain(before):
            unsaid.add(name)
    assert unsaid == SILENT.keys()


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case frozenset():
            return frozenset({"https://another.example"})
        case _:
            return "https://another.example/"


def test_a_client_registers_what_it_may_say_of_itself_and_no_more() -> None:
    registered = {member.rfc_name(name) for name, member in MEMBERS.items() if member.by_client}
    assert registered - _SHAPES.keys() == {"client_name#…"}  # one for each language
    assert registered >= _SHAPES.keys()
    assert {name for name, member in MEMBERS.items() if member.of_registered is not None}.isdisjoint(
        name for name, member in MEMBERS.items() if member.by_client
    )


def test_what_gives_a_client_power_is_an_operators_word() -> None:
    powers = {
        name for name in MEMBERS if name.endswith("_allowed") or name in {"first_party", "sso_group", "resources"}
    }
    assert [name for name in powers if MEMBERS[name].by_client] == []


def test_every_default_of_a_profile_is_a_member_of_the_same_type() -> None:
    for one in dataclasses.fields(Defaults):
        assert one.name in MEMBERS, one.name
        value = getattr(Defaults(), one.name)
        assert value is None or isinstance(value, type(getattr(talkative(), one.name))), one.name


def test_the_reference_tells_of_every_member_as_declared() -> None:
    """The expected text is the whole section: paste it when this fails."""
    text = REFERENCE.read_text(encoding="utf-8")
    section = text.partition("## Members\n\n")[2].partition("\n\n")[0]
    assert section == reference()


def reference() -> str:
    """The table of members for `config/clients/README.md`."""
    lines = ["| Member | Without it | Meaning |", "|---|---|---|"]
    for group in Group:
        lines.append(f"| **{group}** | | |")
        for name, member in MEMBERS.items():
            if member.group is group:
                lines.append(f"| {_names(name, member)} | {_without(name, member)} | {member.means} |")
    return "\n".join(lines)


def _names(name: str, member: Member) -> str:
    names = " or ".join(f"`{one}`" for one in (member.one, member.written or name) if one)
    return names if member.by_client else f"{names} \\*"


def _without(name: str, member: Member) -> str:
    if member.required:
        return "refused"
    if name in {one.name for one in dataclasses.fields(Defaults)} | BY_PROFILE:
        return "by profile"
    default = next(one for one in dataclasses.fields(Client) if one.name == name).default
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case timedelta():
            return f"{int(default.total_seconds())}"
        case str():
            return f"`{default}`"
        case _:
            return ""
