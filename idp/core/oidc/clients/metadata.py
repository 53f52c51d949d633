"""Client metadata: the members of RFC 7591 and OpenID Connect Registration 2, and our own, read into a Client.

The same reading serves client files and registrations, so that no rule holds for one of them only.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from idp.core.oidc.clients import redirect_uri
from idp.core.oidc.clients.client import HINTS, MEMBERS, REFRESH_TOKEN, Client, SecurityProfile
from idp.core.oidc.clients.profile import PROFILES, Profile
from idp.core.oidc.clients.rules import find_problems

CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
NAME_IN_LANGUAGE = re.compile(r"client_name#([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", re.ASCII)

_ONE_OF_SEVERAL: Mapping[str, str] = {member.one: name for name, member in MEMBERS.items() if member.one}
"""RFC 7591's member for one value, and ours for several."""
_NEVER: Mapping[str, str] = {
    "client_secret": "no secret is kept here; write client_secret_hash, its SHA-256 in hex",
    "logo_uri": "no logo is shown: our pages load nothing from elsewhere",
    "jwks_uri": "nothing is fetched; write the keys into jwks, or into the file that jwks_file names",
}
"""Members of RFC 7591 that are refused, and why."""
_WRITTEN = [member.written or name for name, member in MEMBERS.items()]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the member it is about, and what is wrong, without the value."""

    member: str
    text: str

    def __str__(self) -> str:
        return f"{self.member}: {self.text}" if self.member else self.text


class MetadataProblems(Exception):
    """The metadata cannot become a client; every mistake is listed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


_FIELDS: Any = {
    name: (HINTS[name], ...) if member.required else (HINTS[name] | None, None) for name, member in MEMBERS.items()
}
_Metadata: type[BaseModel] = create_model(
    "_Metadata", __config__=ConfigDict(extra="forbid", frozen=True, strict=True), **_FIELDS
)
"""What may be written: every member of a client, most of them optional."""


def read_client(client_id: str, members: Mapping[str, Any], *, issuer: str, sandbox: bool) -> Client:
    """Read metadata into a client whose every member is set.

    Raises MetadataProblems with every mistake found: first those of form, then those against the security profile.
    """
    problems = list(_find_double_members(members))
    written = _parse(members, problems)
    problems += _find_form_problems(client_id, written, sandbox=sandbox)
    client = _complete(client_id, written, issuer)
    problems += [Problem(*found) for found in find_problems(client, issuer=issuer, sandbox=sandbox)]
    if problems:
        raise MetadataProblems(problems)
    return client


def _find_double_members(members: Mapping[str, Any]) -> Iterator[Problem]:
    for one, several in _ONE_OF_SEVERAL.items():
        if one in members and several in members:
            yield Problem(one, f"stands beside {several}; keep one of them")


def _parse(members: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """The members that are written, under our names, each of its type."""
    names = {match[1].lower(): member for member in members if (match := NAME_IN_LANGUAGE.fullmatch(member))}
    plain = {member: value for member, value in members.items() if member not in names.values()}
    if names:
        plain["client_names"] = {language: members[member] for language, member in names.items()}
    for one, several in _ONE_OF_SEVERAL.items():
        if one in plain:
            plain.setdefault(several, [plain.pop(one)])
            plain.pop(one, None)
    if "scope" in plain:
        plain["scopes"] = plain.pop("scope")
    try:
        # strict JSON, so that "yes" is no truth value and 1 is no text
        read = _Metadata.model_validate_json(json.dumps(plain, default=str))
    except ValidationError as error:
        raise MetadataProblems([*problems, *(_describe(found, members) for found in error.errors())]) from None
    return {name: getattr(read, name) for name in read.model_fields_set}


def _describe(found: Any, members: Mapping[str, Any]) -> Problem:
    name, *inside = (str(part) for part in found["loc"])
    written = _written_name(name, members)
    member = written if written in _ONE_OF_SEVERAL else ".".join([written, *inside])
    if found["type"] == "missing":
        return Problem(member, "is missing")
    if found["type"] != "extra_forbidden":
        return Problem(member, str(found["msg"]).removeprefix("Value error, "))
    if member in _NEVER:
        return Problem(member, _NEVER[member])
    close = difflib.get_close_matches(member, [*_WRITTEN, *_ONE_OF_SEVERAL, "jwks_file"], n=1)
    return Problem(member, f"unknown; did you mean {close[0]}?" if close else "unknown")


def _find_form_problems(client_id: str, written: Mapping[str, Any], *, sandbox: bool) -> Iterator[Problem]:
    if not CLIENT_ID.fullmatch(client_id):
        yield Problem("client_id", "1 to 100 letters, digits, dots, hyphens and underscores are needed")
    if written.get("client_id") not in {None, client_id}:
        yield Problem("client_id", "is not the name of the file")
    profile = PROFILES[written["security_profile"]]
    native = written.get("application_type", profile.defaults.application_type) == "native"
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in sorted(written.get(member, ())):
            if text := redirect_uri.find_problem(uri, native=native, sandbox=sandbox):
                yield Problem(member, f"{uri!a} {text}")


def _complete(client_id: str, written: Mapping[str, Any], issuer: str) -> Client:
    """Fill every gap from the profile, and what follows from other members."""
    profile = PROFILES[SecurityProfile(written["security_profile"])]
    defaults = {one.name: getattr(profile.defaults, one.name) for one in fields(profile.defaults)}
    members = {**defaults, **written, "client_id": client_id}
    follows = {
        "sso_group": members["sso_group"] or client_id,
        "select_customer": members["require_customer_link"],
        "unconfirmed_contact_allowed": members["first_party"],
        "assertion_audiences": _audiences(profile, issuer),
        "told_of_provider": profile.told_of_provider,
        "userinfo_signed_response_alg": _userinfo_alg(profile, members),
        "request_object_signing_algs": _request_object_algs(profile, members),
        "refresh_lifetime": members["refresh_lifetime"] if REFRESH_TOKEN in members["grant_types"] else None,
        "sector_identifier": redirect_uri.sector(
            members.get("sector_identifier_uri"), members["redirect_uris"], client_id
        ),
    }
    return Client(**{**members, **follows, **{name: written[name] for name in follows if name in written}})


def _audiences(profile: Profile, issuer: str) -> frozenset[str]:
    return frozenset({issuer} if profile.assertion_is_for_the_issuer_alone else {issuer, f"{issuer}/token"})


def _userinfo_alg(profile: Profile, members: Mapping[str, Any]) -> str | None:
    return members["id_token_signed_response_alg"] if profile.signed_userinfo_required else None


def _request_object_algs(profile: Profile, members: Mapping[str, Any]) -> frozenset[str]:
    accepted = profile.request_objects_by_default or members.get("require_signed_request_object", False)
    return profile.signing_algs if accepted else frozenset()


def _written_name(name: str, members: Mapping[str, Any]) -> str:
    """The name under which a member stands in the metadata."""
    member = MEMBERS.get(name)
    if member is None:
        return name
    return next((spelling for spelling in (member.one, member.written) if spelling and spelling in members), name)
