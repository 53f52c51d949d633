"""Request options: the checks of what a client may ask for, about the login, the person and the tokens."""

import re
from collections.abc import Mapping

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.authorize.user_message import USER_MESSAGE, MessageRefused, choose, read_user_message
from idp.core.oidc.authorize.validation_context import ValidationContext, refuse
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM
from idp.core.oidc.claims.claims_request import (
    ClaimsRefused,
    find_essential_acrs,
    read_claims,
)
from idp.core.oidc.clients.id_token_hint import read_id_token_hint
from idp.core.oidc.diagnosis import not_registered
from idp.core.oidc.keys.jose import JoseRefused
from idp.core.people.digits import are_twelve

MAX_LOGIN_HINT_LENGTH = 256
MAX_LOCALES = 10
MAX_ACR_VALUES = 20
MAX_RESOURCES = 10
NEW_CUSTOMER = "new"

_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_LAUNCH_HINTS: Mapping[str, str] = {
    "urn:grn:authn:se:bankid:same-device": "same_device",
    "urn:grn:authn:se:bankid:another-device": "qr",
    "urn:grn:authn:se:bankid:another-device:qr": "qr",
}
"""Values with which Swedish brokers let a client choose the device; they are no levels of assurance."""


def prompt_is_consistent(context: ValidationContext) -> None:
    """Known words, and `none` only alone (OpenID Connect Core 3.1.2.1).

    A client of the Swedish profile gets no single sign-on unless it asks: an absent prompt means login.
    """
    words = context.words("prompt", len(Prompt))
    if not set(words) <= set(Prompt):
        refuse("invalid_request", "prompt has an unknown word")
    if Prompt.NONE in words and len(words) > 1:
        refuse("invalid_request", "prompt has none beside other words")
    if not words and context.client.reidentify_without_prompt:
        words = (Prompt.LOGIN,)
    context.prompt = frozenset(Prompt(word) for word in words)


def max_age_is_seconds(context: ValidationContext) -> None:
    """A whole number of seconds, else the client's default (OpenID Connect Core 3.1.2.1; Registration 2)."""
    max_age = context.find("max_age")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        refuse("invalid_request", "max_age is not a number of seconds")
    context.max_age = context.client.default_max_age if max_age is None else int(max_age)


def languages_are_noted(context: ValidationContext) -> None:
    """`ui_locales`: what makes no sense is ignored (OpenID Connect Core 3.1.2.1).

    So is `display`: our pages fit every kind of window by themselves.
    """
    tags = (context.find("ui_locales") or "").split(" ")
    context.ui_locales = tuple(dict.fromkeys(tag for tag in tags if _LANGUAGE_TAG.fullmatch(tag)))[:MAX_LOCALES]


def acr_values_are_noted(context: ValidationContext) -> None:
    """Voluntary levels: unknown ones do not stop a login (OpenID Connect Core 3.1.2.1)."""
    values = context.words("acr_values", MAX_ACR_VALUES) or context.client.default_acr_values
    context.launch_hint = next((_LAUNCH_HINTS[value] for value in values if value in _LAUNCH_HINTS), None)


def claims_are_read(context: ValidationContext) -> None:
    """The `claims` parameter, down to what this client may have (OpenID Connect Core 5.5)."""
    text = context.find("claims")
    if text is None:
        return
    try:
        context.claims = read_claims(text, context.client)
    except ClaimsRefused as refused:
        refuse("invalid_request", str(refused))


def essential_acr_is_possible(context: ValidationContext) -> None:
    """A level that is essential and not ours fails now, before anybody identifies (OIDC Core 5.5.1.1)."""
    demanded = find_essential_acrs(context.claims)
    if demanded and demanded.isdisjoint(context.environment.acrs):
        refuse("unmet_authentication_requirements", "None of the essential acr values can be met")


def person_is_named_once(context: ValidationContext) -> None:
    """`id_token_hint`, `claims.id_token.sub` and a personal number name at most one person (OIDC Core 3.1.2.1, 5.5.1)."""
    requested = context.claims.get("id_token", {})
    sub = (requested.get("sub") or {}).get("value")
    if sub is not None and not isinstance(sub, str):
        refuse("invalid_request", "The value of the claim sub is not a text")
    number = (requested.get(PERSONAL_NUMBER_CLAIM) or {}).get("value")
    if number is not None and not (isinstance(number, str) and are_twelve(number)):
        refuse("invalid_request", "The value of the claim personalIdentityNumber is not twelve digits")
    hinted = _read_hint(context)
    if None not in {sub, hinted} and sub != hinted:
        refuse("invalid_request", "id_token_hint and the claim sub name different persons")
    context.hinted_sub = hinted or sub


def _read_hint(context: ValidationContext) -> str | None:
    hint = context.find("id_token_hint")
    if hint is None:
        return None
    here = context.environment
    keys = here.keys.keyring.verification_keys()
    try:
        return read_id_token_hint(hint, keys=keys, issuer=here.issuer, client_id=context.client.client_id).sub
    except JoseRefused as refused:
        return refuse(
            "invalid_request", "id_token_hint is no ID Token for this client", refused.reason, refused.diagnosis
        )


def login_hint_fits(context: ValidationContext) -> None:
    """A hint in the client's own words: it may be short, and is neither shown nor kept (OpenID Connect Core 3.1.2.1)."""
    if len(context.find("login_hint") or "") > MAX_LOGIN_HINT_LENGTH:
        refuse("invalid_request", "login_hint is longer than 256 characters")


def resources_are_allowed(context: ValidationContext) -> None:
    """Every `resource` is one that the client's file names (RFC 8707 2)."""
    resources = tuple(dict.fromkeys(context.parameters.all("resource")))
    if len(resources) > MAX_RESOURCES or not set(resources) <= context.client.resources:
        line = not_registered("resources", set(resources) - context.client.resources, context.client.resources)
        refuse("invalid_target", "A resource is not allowed for this client", diagnosis=line)
    context.resources = resources


def dpop_key_is_noted(context: ValidationContext) -> None:
    """The code is bound to the key whose thumbprint is given (RFC 9449 10)."""
    thumbprint = context.find("dpop_jkt")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        refuse("invalid_request", "dpop_jkt is not a SHA-256 thumbprint")
    if thumbprint is not None and not context.client.dpop_allowed:
        refuse("invalid_request", "This client is not registered for DPoP")
    context.dpop_jkt = thumbprint


def customer_wish_is_noted(context: ValidationContext) -> None:
    """`customer=new`, a parameter of ours: the person is asked to link one more company first.

    From clients that are told of no company it is ignored as unknown.
    """
    wish = context.find("customer")
    if wish is None or not context.client.select_customer:
        return
    if wish != NEW_CUSTOMER:
        refuse("invalid_request", "customer has an unknown word")
    context.wants_new_customer = True


def user_message_is_clean(context: ValidationContext) -> None:
    """A text for the BankID app, from clients that may have one; from others it is ignored as unknown.

    (Authentication Request Parameter Extensions for the Swedish OpenID Connect Profile 2.1.)
    """
    text = context.find(USER_MESSAGE)
    if text is None or not context.client.user_message_allowed:
        return
    try:
        context.user_messages = read_user_message(text)
    except MessageRefused as refused:
        refuse("invalid_request", str(refused))
    context.user_message = choose(context.user_messages, context.ui_locales)
