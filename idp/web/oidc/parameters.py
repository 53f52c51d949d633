"""Parameters of an HTTP request to the protocol's endpoints: read raw, within limits, before anybody believes them."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.core.oidc.errors import Displayed, Refused
from idp.core.oidc.parameters import RawParameters, Unreadable

MAX_QUERY_LENGTH = 8_192
MAX_BODY_LENGTH = 65_536
"""Bytes."""

_FORM = "application/x-www-form-urlencoded"


class TooLong(Unreadable):
    """More bytes than any honest request has."""


def read_browser_parameters() -> RawParameters:
    """The parameters of GET (query) or POST (form) at the authorization endpoint (OpenID Connect Core 3.1.2.1).

    Raises Displayed: what cannot be read names no client to answer to.
    """
    try:
        return _read_body() if request.method == "POST" else _read_query()
    except Unreadable as unreadable:
        raise Displayed(
            code="invalid_request", description="The request cannot be read", detail=str(unreadable)
        ) from None


def read_form() -> RawParameters:
    """The parameters of a form that a program sent. Raises Refused, with 413 when it is too long."""
    try:
        return _read_body()
    except Unreadable as unreadable:
        raise Refused(
            code="invalid_request",
            description="The request is not a readable form",
            detail=str(unreadable),
            status=413 if isinstance(unreadable, TooLong) else 400,
        ) from None


def _read_query() -> RawParameters:
    if len(request.query_string) > MAX_QUERY_LENGTH:
        raise TooLong("the query is too long")
    return RawParameters.parse(request.query_string)


def _read_body() -> RawParameters:
    """Parse the body ourselves: the framework would repair what is no UTF-8 and join what is repeated."""
    if request.mimetype != _FORM:
        raise Unreadable("the body is no form")
    request.max_content_length = MAX_BODY_LENGTH
    try:
        return RawParameters.parse(request.get_data(cache=True, parse_form_data=False))
    except RequestEntityTooLarge:
        raise TooLong("the body is too long") from None
