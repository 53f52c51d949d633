"""Registration members: which ones are read when a client registers, and of what shape each must be.

Everything is bounded here, so that no later rule meets a deep, long or odd value.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, NoReturn, Union, get_args, get_origin

from idp.core.oidc.clients.client import HINTS, MEMBERS
from idp.core.oidc.clients.members import Member
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import published_name
from idp.core.oidc.strict_json import read_object

MAX_BODY_LENGTH = 32_768
"""Bytes."""
MAX_TEXT_LENGTH = 2_048
MAX_ENTRIES = 20
MAX_KEYS = 10

_NOT_DONE = (
    "id_token_encrypted_response_alg", "id_token_encrypted_response_enc", "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc", "introspection_encrypted_response_alg", "request_object_encryption_alg",
    "request_object_encryption_enc", "authorization_signed_response_alg", "authorization_encrypted_response_alg",
    "tls_client_certificate_bound_access_tokens",
)  # fmt: skip
"""A client that asks for one of these relies on it; ignoring it would leave it less safe than it believes."""
_NAME_IN_LANGUAGE = re.compile(r"client_name#[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_ABSENT: tuple[Any, ...] = (None, [])
_KEY_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass
class MetadataRefused(Exception):
    """The metadata cannot be registered: which member, and why, in constant ASCII text."""

    member: str
    text: str

    @property
    def code(self) -> ErrorCode:
        """The error of RFC 7591 3.2.2."""
        return "invalid_redirect_uri" if self.member == "redirect_uris" else "invalid_client_metadata"


def refuse(member: str, text: str) -> NoReturn:
    raise MetadataRefused(member, text)


def read_body(body: bytes) -> dict[str, Any]:
    """Read one JSON object, each member once. Raises MetadataRefused."""
    try:
        return read_object(body)
    except ValueError:
        return refuse("body", "is not one JSON object in UTF-8 with each member once")


def refuse_what_is_not_done(members: Mapping[str, Any]) -> None:
    """Raise MetadataRefused for members that must not be ignored silently."""
    if members.get("jwks_uri") is not None:
        refuse("jwks_uri", "is not fetched here; send the public keys by value in jwks")
    if members.get("sector_identifier_uri") is not None:
        refuse("sector_identifier_uri", "is not fetched here; the one host of redirect_uris is the sector")
    for member in _NOT_DONE:
        if members.get(member) not in _ABSENT and members[member] is not False:
            refuse(member, "is not supported by this provider")


def shaped(members: Mapping[str, Any]) -> dict[str, Any]:
    """The known members that have a value, in one order, each of its shape; null or nothing is as good as absent (RFC 7592 2.2).

    Raises MetadataRefused.
    """
    named = [member for member in members if _NAME_IN_LANGUAGE.fullmatch(member)]
    if len(named) > MAX_ENTRIES:
        refuse("client_name", "comes in too many languages")
    shapes: dict[str, Callable[[str, Any], Any]] = {
        **_SHAPES, **dict.fromkeys(named, lambda _, value: _text("client_name", value)),
    }  # fmt: skip
    return {name: shape(name, members[name]) for name, shape in shapes.items() if members.get(name) not in _ABSENT}


def _text(member: str, value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT_LENGTH or not value.isprintable():
        refuse(member, f"must be a text of 1 to {MAX_TEXT_LENGTH} printable characters")
    return published_name(value) if member.endswith("_alg") else value


def _texts(member: str, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        refuse(member, f"must be a list of at most {MAX_ENTRIES} texts")
    return list(dict.fromkeys(_text(member, entry) for entry in value))


def _flag(member: str, value: Any) -> bool:
    return value if isinstance(value, bool) else refuse(member, "must be true or false")


def _seconds(member: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 31_536_000:
        refuse(member, "must be a number of seconds, at most a year")
    return value


def _keys(member: str, value: Any) -> dict[str, Any]:
    """Public keys by value, without anything that names an address or that we do not use (RFC 7517 4)."""
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        refuse(member, f"must be a JWK Set of at most {MAX_KEYS} keys")
    read = [_key(member, key) for key in keys]
    kids = [key["kid"] for key in read if "kid" in key]
    if len(set(kids)) < len(kids) or any(len(kid) > jose.MAX_KID_LENGTH for kid in kids):
        refuse(member, "must name each key by a short, unique kid")
    if len({json.dumps(key, sort_keys=True) for key in read}) < len(read):
        refuse(member, "holds a key twice")
    return {"keys": read}


def _key(member: str, key: Any) -> dict[str, str]:
    if not isinstance(key, dict):
        refuse(member, "must hold keys that are JSON objects")
    if _PRIVATE_MEMBERS & key.keys():
        refuse(member, "must hold public keys only; this private key is to be thought of as stolen")
    if key.get("key_ops") not in (None, ["verify"]):
        refuse(member, "must hold keys for verifying signatures")
    read = {name: _text(member, key[name]) for name in _KEY_MEMBERS if name in key}
    try:
        jose.read_public_key(read)
    except jose.JoseRefused as refused:
        refuse(member, refused.reason)
    return read


def _kind_of(hint: Any) -> Any:
    """The bare type of a declaration, without constraints, parameters and None."""
    while get_origin(hint) in {Annotated, Union, UnionType}:
        hint = next(one for one in get_args(hint) if one is not NoneType)
    return get_origin(hint) or hint


def _shape_of(name: str, member: Member) -> Callable[[str, Any], Any]:
    """How a member comes in a stranger's JSON; what a file may say several times, a registration says once (RFC 7591 2)."""
    shapes = {frozenset: _texts, tuple: _texts, bool: _flag, int: _seconds, Mapping: _keys}
    return _text if member.one or member.written else shapes.get(_kind_of(HINTS[name]), _text)


_SHAPES: Mapping[str, Callable[[str, Any], Any]] = {
    member.rfc_name(name): _shape_of(name, member)
    for name, member in MEMBERS.items()
    if member.by_client and name != "client_names"
}
"""Every member that a client may say of itself, by the name that RFC 7591 gives it."""
