"""The ledger's second half: what the client wishes for, about the login, the person and the tokens."""

import re
from collections.abc import Mapping

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.authorize.validation_context import Draft, refuse
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM
from idp.core.oidc.claims.claims_request import (
    ClaimsRefused,
    find_essential_acrs,
    read_claims,
)
from idp.core.oidc.keys.jose import JoseRefused
from idp.core.oidc.tokens.id_token_hint import read_id_token_hint
from idp.core.oidc.user_message import MessageRefused, choose, read_user_message
from idp.core.people.digits import are_twelve

USER_MESSAGE = "https://id.oidc.se/param/userMessage"

MAX_LOGIN_HINT_LENGTH = 256
MAX_LOCALES = 10
MAX_ACR_VALUES = 20
MAX_RESOURCES = 10

_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_DISPLAYS = frozenset({"page", "popup", "touch"})
_LAUNCH_HINTS: Mapping[str, str] = {
    "urn:grn:authn:se:bankid:same-device": "same_device",
    "urn:grn:authn:se:bankid:another-device": "qr",
    "urn:grn:authn:se:bankid:another-device:qr": "qr",
}
"""Values with which Swedish brokers let a client choose the device; they are no levels of assurance."""


def prompt_is_consistent(draft: Draft) -> None:
    """Known words, and `none` only alone (OpenID Connect Core 3.1.2.1).

    A client of the Swedish profile gets no single sign-on unless it asks: an absent prompt means login.
    """
    words = draft.words("prompt", len(Prompt))
    if not set(words) <= set(Prompt):
        refuse("invalid_request", "prompt has an unknown word")
    if Prompt.NONE in words and len(words) > 1:
        refuse("invalid_request", "prompt has none beside other words")
    if not words and draft.client.reidentify_without_prompt:
        words = (Prompt.LOGIN,)
    draft.prompt = frozenset(Prompt(word) for word in words)


def max_age_is_seconds(draft: Draft) -> None:
    """A whole number of seconds, else the client's default (OpenID Connect Core 3.1.2.1; Registration 2)."""
    max_age = draft.find("max_age")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        refuse("invalid_request", "max_age is not a number of seconds")
    draft.max_age = draft.client.default_max_age if max_age is None else int(max_age)


def presentation_is_noted(draft: Draft) -> None:
    """`ui_locales` and `display`: wishes, so what makes no sense is ignored (OpenID Connect Core 3.1.2.1)."""
    tags = (draft.find("ui_locales") or "").split(" ")
    draft.ui_locales = tuple(dict.fromkeys(tag for tag in tags if _LANGUAGE_TAG.fullmatch(tag)))[:MAX_LOCALES]
    display = draft.find("display")
    draft.display = display if display in _DISPLAYS else "page"


def acr_values_are_noted(draft: Draft) -> None:
    """Voluntary levels: unknown ones do not stop a login (OpenID Connect Core 3.1.2.1)."""
    asked = draft.words("acr_values", MAX_ACR_VALUES) or draft.client.default_acr_values
    draft.acr_values = asked
    draft.launch_hint = next((_LAUNCH_HINTS[value] for value in asked if value in _LAUNCH_HINTS), None)


def claims_are_read(draft: Draft) -> None:
    """The `claims` parameter, down to what this client may have (OpenID Connect Core 5.5)."""
    text = draft.find("claims")
    if text is None:
        return
    try:
        draft.claims = read_claims(text, draft.client)
    except ClaimsRefused as refused:
        refuse("invalid_request", str(refused))


def essential_acr_is_possible(draft: Draft) -> None:
    """A level that is essential and not ours fails now, before anybody identifies (OIDC Core 5.5.1.1)."""
    demanded = find_essential_acrs(draft.claims)
    if demanded and draft.circumstances.acr not in demanded:
        refuse("unmet_authentication_requirements", "None of the essential acr values can be met")


def person_is_named_once(draft: Draft) -> None:
    """`id_token_hint`, `claims.id_token.sub` and a personal number name at most one person (OIDC Core 3.1.2.1, 5.5.1)."""
    named = draft.claims.get("id_token", {})
    asked = (named.get("sub") or {}).get("value")
    if asked is not None and not isinstance(asked, str):
        refuse("invalid_request", "The value of the claim sub is not a text")
    number = (named.get(PERSONAL_NUMBER_CLAIM) or {}).get("value")
    if number is not None and not (isinstance(number, str) and are_twelve(number)):
        refuse("invalid_request", "The value of the claim personalIdentityNumber is not twelve digits")
    hinted = _read_hint(draft)
    if None not in {asked, hinted} and asked != hinted:
        refuse("invalid_request", "id_token_hint and the claim sub name different persons")
    draft.hinted_sub = hinted or asked


def _read_hint(draft: Draft) -> str | None:
    hint = draft.find("id_token_hint")
    if hint is None:
        return None
    here = draft.circumstances
    try:
        return read_id_token_hint(hint, keys=here.hint_keys, issuer=here.issuer, client_id=draft.client.client_id).sub
    except JoseRefused as refused:
        return refuse("invalid_request", "id_token_hint is no ID Token for this client", refused.reason)


def login_hint_fits(draft: Draft) -> None:
    """A hint in the client's own words; it is kept short and never shown (OpenID Connect Core 3.1.2.1)."""
    hint = draft.find("login_hint")
    if hint is not None and len(hint) > MAX_LOGIN_HINT_LENGTH:
        refuse("invalid_request", "login_hint is longer than 256 characters")
    draft.login_hint = hint


def resources_are_allowed(draft: Draft) -> None:
    """Every `resource` is one that the client's file names (RFC 8707 2)."""
    asked = tuple(dict.fromkeys(draft.raw.all("resource")))
    if len(asked) > MAX_RESOURCES or not set(asked) <= draft.client.resources:
        refuse("invalid_target", "A resource is not allowed for this client")
    draft.resources = asked


def dpop_key_is_noted(draft: Draft) -> None:
    """The code is bound to the key whose thumbprint is given (RFC 9449 10)."""
    thumbprint = draft.find("dpop_jkt")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        refuse("invalid_request", "dpop_jkt is not a SHA-256 thumbprint")
    if thumbprint is not None and not draft.client.dpop_allowed:
        refuse("invalid_request", "This client is not registered for DPoP")
    draft.dpop_jkt = thumbprint


def user_message_is_clean(draft: Draft) -> None:
    """A text for the BankID app, from clients that may have one; from others it is ignored as unknown.

    (Authentication Request Parameter Extensions for the Swedish OpenID Connect Profile 2.1.)
    """
    text = draft.find(USER_MESSAGE)
    if text is None or not draft.client.user_message_allowed:
        return
    try:
        draft.user_messages = read_user_message(text)
    except MessageRefused as refused:
        refuse("invalid_request", str(refused))
    draft.user_message = choose(draft.user_messages, draft.ui_locales)
