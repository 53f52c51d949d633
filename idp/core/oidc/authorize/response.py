"""The one writer of authorization responses: success and error, every response mode, always with `iss` and `state`."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from idp.core.oidc.errors import Redirected, ReplyTo


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationResponse:
    """What goes back to the client; how it travels is `reply_to.response_mode`."""

    reply_to: ReplyTo
    parameters: tuple[tuple[str, str], ...]

    @property
    def location(self) -> str:
        """For `query`: the trusted redirect URI unchanged, its own query kept, and our parameters after it.

        Never sent through a URL parser: what was registered comes back byte for byte (RFC 6749 4.1.2).
        """
        uri = self.reply_to.redirect_uri
        separator = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
        return f"{uri}{separator}{urlencode(self.parameters, quote_via=quote, safe='')}"

    @property
    def origin(self) -> str:
        """The source expression that lets a page's form end at the client (CSP `form-action`)."""
        return redirect_origin(self.reply_to.redirect_uri)


def success_response(reply_to: ReplyTo, code: str, issuer: str) -> AuthorizationResponse:
    """Answer with a code (RFC 6749 4.1.2, RFC 9207 2)."""
    return _response(reply_to, [("code", code)], issuer)


def error_response(error: Redirected, issuer: str) -> AuthorizationResponse:
    """Answer with an error; `detail` stays with us (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6)."""
    return _response(error.reply_to, [("error", error.code), ("error_description", error.description)], issuer)


def redirect_origin(redirect_uri: str) -> str:
    """Scheme and authority of an https or http address, or the bare scheme of an app's own (`se.example.app:`)."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _response(reply_to: ReplyTo, parameters: list[tuple[str, str]], issuer: str) -> AuthorizationResponse:
    if reply_to.state is not None:
        parameters.append(("state", reply_to.state))
    parameters.append(("iss", issuer))
    return AuthorizationResponse(reply_to=reply_to, parameters=tuple(parameters))
