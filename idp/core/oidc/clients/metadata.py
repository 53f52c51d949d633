"""Client metadata: the members of RFC 7591 and OpenID Connect Registration 2, and our own, read into a Client.

The same reading serves client files and registrations, so that no rule holds for one of them only.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from idp.core.oidc.clients import redirect_uri
from idp.core.oidc.clients.client import AuthMethod, Client, EmailClaim, SecurityProfile, SubjectType
from idp.core.oidc.clients.profile import PROFILES, Profile
from idp.core.oidc.clients.rules import find_problems

CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)

_NAME_IN_LANGUAGE = re.compile(r"client_name#([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", re.ASCII)
Word = TypeVar("Word", bound=str)
_Alg = Annotated[
    Literal["RS256", "PS256", "ES256", "EdDSA"], BeforeValidator(lambda alg: "EdDSA" if alg == "Ed25519" else alg)
]
"""`Ed25519` is the RFC 9864 name of what our keys and most libraries still call `EdDSA`."""
_Https = Annotated[str, Field(pattern=r"^https?://[^\s#<>\"\\]+$", max_length=2048)]
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_ShortTime = Annotated[timedelta, Field(strict=False, ge=timedelta(seconds=30), le=timedelta(hours=1))]


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


def _as_key_set(value: object) -> object:
    return {"keys": value} if isinstance(value, list) else value


class _KeySet(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    keys: tuple[dict[str, Any], ...]


class ClientMetadata(BaseModel):
    """Every member a client file may have; None means "as the security profile says"."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    client_id: str | None = None
    client_name: str = Field(min_length=1, max_length=60)
    client_names: dict[str, str] = Field(default_factory=dict)
    security_profile: SecurityProfile
    application_type: Literal["web", "native"] | None = None
    redirect_uris: frozenset[str] = Field(min_length=1, max_length=50)
    response_types: tuple[Literal["code"], ...] = ("code",)
    grant_types: frozenset[str] | None = None
    scope: str | None = None
    token_endpoint_auth_method: AuthMethod | None = None
    token_endpoint_auth_methods: frozenset[AuthMethod] | None = Field(None, min_length=1)
    token_endpoint_auth_signing_alg: _Alg | None = None
    token_endpoint_auth_signing_algs: frozenset[_Alg] | None = Field(None, min_length=1)
    assertion_audiences: frozenset[str] | None = Field(None, min_length=1)
    jwks: Annotated[_KeySet, BeforeValidator(_as_key_set)] = _KeySet(keys=())
    client_secret_hash: _Hash | None = None
    client_secret_hashes: tuple[_Hash, ...] = Field((), max_length=2)
    id_token_signed_response_alg: _Alg | None = None
    userinfo_signed_response_alg: _Alg | None = None
    introspection_signed_response_alg: _Alg | None = None
    request_object_signing_alg: _Alg | None = None
    request_object_signing_algs: frozenset[_Alg] | None = None
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool | None = None
    require_pkce: bool = True
    dpop_bound_access_tokens: bool | None = None
    dpop_allowed: bool = True
    subject_type: SubjectType | None = None
    sector_identifier_uri: _Https | None = None
    default_max_age: int | None = Field(None, ge=0, le=31_536_000)
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    post_logout_redirect_uris: frozenset[str] = Field(frozenset(), max_length=50)
    backchannel_logout_uri: _Https | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: _Https | None = None
    frontchannel_logout_session_required: bool = False
    initiate_login_uri: _Https | None = None
    client_uri: _Https | None = None
    logo_uri: _Https | None = None
    policy_uri: _Https | None = None
    tos_uri: _Https | None = None
    contacts: tuple[str, ...] = ()
    resources: frozenset[str] = frozenset()
    introspection_audiences: frozenset[str] = frozenset()
    first_party: bool | None = None
    require_customer_link: bool | None = None
    select_customer: bool | None = None
    sso_group: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9._-]{0,49}$")
    reidentify_without_prompt: bool | None = None
    personal_number_allowed: bool = False
    evidence_claims_allowed: bool = False
    user_message_allowed: bool | None = None
    email_claim: EmailClaim = EmailClaim.ALWAYS
    access_token_lifetime: _ShortTime = timedelta(minutes=10)
    id_token_lifetime: _ShortTime = timedelta(minutes=5)
    refresh_lifetime: (
        Annotated[timedelta, Field(strict=False, ge=timedelta(minutes=1), le=timedelta(days=30))] | None
    ) = None
    refresh_rotated: bool | None = None
    refresh_bound_to_session: bool | None = None
    bankid_return_uri: str | None = Field(None, max_length=512)
    intention: dict[str, str] = Field(default_factory=dict)
    disabled: bool = False


def read_client(client_id: str, members: Mapping[str, Any], *, issuer: str, sandbox: bool) -> Client:
    """Read metadata into a client whose every member is set.

    Raises MetadataProblems with every mistake found: first those of form, then those against the security profile.
    """
    metadata = _parse(members)
    problems = list(_find_form_problems(client_id, metadata, sandbox=sandbox))
    client = _build(client_id, metadata, PROFILES[metadata.security_profile], issuer)
    problems += [Problem(*found) for found in find_problems(client, issuer=issuer, sandbox=sandbox)]
    if problems:
        raise MetadataProblems(problems)
    return client


def _parse(members: Mapping[str, Any]) -> ClientMetadata:
    names = {match[1].lower(): member for member in members if (match := _NAME_IN_LANGUAGE.fullmatch(member))}
    plain = {member: value for member, value in members.items() if member not in names.values()}
    if names:
        plain["client_names"] = {language: members[member] for language, member in names.items()}
    try:
        # strict JSON, so that "yes" is no truth value and 1 is no text
        return ClientMetadata.model_validate_json(json.dumps(plain, default=str))
    except ValidationError as error:
        raise MetadataProblems([_describe(found) for found in error.errors()]) from None


def _describe(found: Any) -> Problem:
    member = ".".join(str(part) for part in found["loc"])
    if found["type"] == "missing":
        return Problem(member, "is missing")
    if found["type"] != "extra_forbidden":
        return Problem(member, str(found["msg"]).removeprefix("Value error, "))
    if member == "client_secret":
        return Problem(member, "no secret is kept here; write client_secret_hash, its SHA-256 in hex")
    close = difflib.get_close_matches(member, [*ClientMetadata.model_fields, "jwks_file"], n=1)
    return Problem(member, f"unknown; did you mean {close[0]}?" if close else "unknown")


def _find_form_problems(client_id: str, metadata: ClientMetadata, *, sandbox: bool) -> Iterator[Problem]:
    if not CLIENT_ID.fullmatch(client_id):
        yield Problem("client_id", "1 to 100 letters, digits, dots, hyphens and underscores are needed")
    if metadata.client_id not in {None, client_id}:
        yield Problem("client_id", "is not the name of the file")
    for one, many in (
        ("token_endpoint_auth_method", "token_endpoint_auth_methods"),
        ("token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_algs"),
        ("request_object_signing_alg", "request_object_signing_algs"),
        ("client_secret_hash", "client_secret_hashes"),
    ):
        if getattr(metadata, one) and getattr(metadata, many):
            yield Problem(one, f"stands beside {many}; keep one of them")
    native = _application_type(metadata, PROFILES[metadata.security_profile]) == "native"
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in sorted(getattr(metadata, member)):
            if text := redirect_uri.find_problem(uri, native=native, sandbox=sandbox):
                yield Problem(member, f"{uri!a} {text}")


def _application_type(metadata: ClientMetadata, profile: Profile) -> str:
    return metadata.application_type or profile.application_type


def _build(client_id: str, metadata: ClientMetadata, profile: Profile, issuer: str) -> Client:
    """Fill every gap from the profile."""
    link = _either(metadata.require_customer_link, profile.require_customer_link)
    answer_alg = metadata.id_token_signed_response_alg or profile.answer_alg
    grant_types = metadata.grant_types or profile.grant_types
    plain = metadata.model_dump(
        include=_AS_THEY_ARE,
    )
    return Client(
        **plain,
        client_id=client_id,
        application_type=_application_type(metadata, profile),
        token_endpoint_auth_methods=_one_or_many(
            metadata.token_endpoint_auth_method, metadata.token_endpoint_auth_methods, profile.auth_methods
        ),
        token_endpoint_auth_signing_algs=_one_or_many(
            metadata.token_endpoint_auth_signing_alg, metadata.token_endpoint_auth_signing_algs, profile.signing_algs
        ),
        assertion_audiences=metadata.assertion_audiences or _audiences(profile, issuer),
        client_secret_hashes=tuple(filter(None, (metadata.client_secret_hash, *metadata.client_secret_hashes))),
        jwks={"keys": list(metadata.jwks.keys)},
        scopes=frozenset((metadata.scope or " ".join(profile.scope)).split()),
        grant_types=grant_types,
        id_token_signed_response_alg=answer_alg,
        userinfo_signed_response_alg=metadata.userinfo_signed_response_alg
        or (answer_alg if profile.signed_userinfo_required else None),
        request_object_signing_algs=_request_object_algs(metadata, profile),
        require_pushed_authorization_requests=_either(
            metadata.require_pushed_authorization_requests, profile.pushed_requests_required
        ),
        dpop_bound_access_tokens=_either(metadata.dpop_bound_access_tokens, profile.dpop_required),
        subject_type=metadata.subject_type or profile.subject_type,
        sector_identifier=redirect_uri.sector(metadata.sector_identifier_uri, metadata.redirect_uris),
        first_party=_either(metadata.first_party, profile.first_party),
        require_customer_link=link,
        select_customer=_either(metadata.select_customer, link),
        sso_group=metadata.sso_group or profile.sso_group or client_id,
        reidentify_without_prompt=_either(metadata.reidentify_without_prompt, profile.reidentify_without_prompt),
        user_message_allowed=_either(metadata.user_message_allowed, profile.user_message_allowed),
        refresh_lifetime=metadata.refresh_lifetime
        or (profile.refresh_lifetime if "refresh_token" in grant_types else None),
        refresh_rotated=_either(metadata.refresh_rotated, profile.refresh_rotated),
        refresh_bound_to_session=_either(metadata.refresh_bound_to_session, profile.refresh_bound_to_session),
    )


_AS_THEY_ARE = {
    "client_name", "client_names", "security_profile", "redirect_uris", "introspection_signed_response_alg",
    "require_signed_request_object", "require_pkce", "dpop_allowed", "default_max_age", "require_auth_time",
    "default_acr_values", "post_logout_redirect_uris", "backchannel_logout_uri", "backchannel_logout_session_required",
    "frontchannel_logout_uri", "frontchannel_logout_session_required", "initiate_login_uri", "client_uri", "logo_uri",
    "policy_uri", "tos_uri", "resources", "introspection_audiences", "personal_number_allowed",
    "evidence_claims_allowed", "email_claim", "access_token_lifetime", "id_token_lifetime", "bankid_return_uri",
    "intention", "disabled",
}  # fmt: skip
"""Members that mean the same in metadata and client."""


def _either(written: bool | None, derived: bool) -> bool:  # noqa: FBT001 - two truth values are the whole matter
    return derived if written is None else written


def _one_or_many(one: Word | None, many: frozenset[Word] | None, derived: frozenset[Word]) -> frozenset[Word]:
    return frozenset({one}) if one is not None else (many or derived)


def _audiences(profile: Profile, issuer: str) -> frozenset[str]:
    return frozenset({issuer}) if profile.issuer_is_the_only_audience else frozenset({issuer, f"{issuer}/token"})


def _request_object_algs(metadata: ClientMetadata, profile: Profile) -> frozenset[str]:
    written = metadata.request_object_signing_algs
    if metadata.request_object_signing_alg:
        return frozenset({metadata.request_object_signing_alg})
    if written is not None:
        return frozenset(written)
    accepted = profile.request_objects_by_default or metadata.require_signed_request_object
    return profile.signing_algs if accepted else frozenset()
