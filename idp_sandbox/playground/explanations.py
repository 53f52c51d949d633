"""Explanations in plain words, each with the section that says it: of parameters, answers, claims and headers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence and where it comes from."""

    text: str
    reference: str


def _table(rows: Mapping[str, tuple[str, str]]) -> dict[str, Explanation]:
    return {name: Explanation(*row) for name, row in rows.items()}


PARAMETERS = _table(
    {
        "response_type": ("What shall come back: a code, which only the client's server can use.", "OIDC Core 3.1.2.1"),
        "client_id": ("Who asks: the name of the client's file.", "OIDC Core 3.1.2.1"),
        "redirect_uri": ("Where the answer goes; compared character by character with the file.", "OIDC Core 3.1.2.1"),
        "scope": ("What the client wants to know or do. openid makes it a login.", "OIDC Core 5.4"),
        "state": (
            "A random text that comes back unchanged: the answer belongs to this browser's request.",
            "RFC 6749 10.12",
        ),
        "nonce": (
            "A random text that comes back inside the ID token: the token belongs to this request.",
            "OIDC Core 15.5.2",
        ),
        "code_challenge": (
            "The SHA-256 of a secret that only this client has: a stolen code is worth nothing.",
            "RFC 7636 4.3",
        ),
        "code_challenge_method": ("How the challenge was made.", "RFC 7636 4.3"),
        "response_mode": ("How the answer travels: in the address, or posted as a form.", "OAuth 2.0 Form Post 2"),
        "prompt": (
            "none: show no page. login: identify again. consent: ask for consent. select_account: choose the company.",
            "OIDC Core 3.1.2.1",
        ),
        "max_age": ("How many seconds old the identification may be. 0 asks for a new one.", "OIDC Core 3.1.2.1"),
        "login_hint": ("Whom the client expects; never a personal number.", "OIDC Core 3.1.2.1"),
        "id_token_hint": ("An earlier ID token: whom the client expects, or who logs out.", "OIDC Core 3.1.2.1"),
        "ui_locales": ("In which language the pages shall be, best first.", "OIDC Core 3.1.2.1"),
        "acr_values": ("Which strength of identification the client wants.", "OIDC Core 3.1.2.1"),
        "display": ("How the page is shown: page, popup or touch.", "OIDC Core 3.1.2.1"),
        "claims": ("Single claims, in JSON, and where they shall be: id_token or userinfo.", "OIDC Core 5.5"),
        "resource": ("For which API the access token shall be.", "RFC 8707 2"),
        "request": ("The whole request as a JWT that the client signed.", "RFC 9101 5"),
        "request_uri": ("The reference to a pushed request; used once, for a minute or so.", "RFC 9126 2.2"),
        "dpop_jkt": ("The thumbprint of the key that the tokens shall be bound to.", "RFC 9449 10"),
        "grant_type": ("What is exchanged for tokens.", "RFC 6749 4.1.3"),
        "code": ("The code; it works once, for a minute.", "RFC 6749 4.1.2"),
        "code_verifier": ("The secret behind code_challenge.", "RFC 7636 4.5"),
        "client_secret": ("The secret of the client, in the body (client_secret_post).", "RFC 6749 2.3.1"),
        "client_assertion_type": ("How the client proves itself: by a JWT.", "RFC 7523 2.2"),
        "client_assertion": ("A JWT that the client signed, for one minute and one use.", "RFC 7523 3"),
        "refresh_token": ("For new tokens without the person. Keep it as safe as a password.", "RFC 6749 1.5"),
        "token": ("The token in question.", "RFC 7662 2.1"),
        "token_type_hint": ("Which kind of token it probably is.", "RFC 7009 2.1"),
        "post_logout_redirect_uri": (
            "Where the browser comes back after the logout; it stands in the file.",
            "RP-Initiated Logout 2",
        ),
        "logout_token": ("The provider's signed statement that a session is over.", "Back-Channel Logout 2.4"),
        "iss": ("Which provider answers; it must be the one that was asked.", "RFC 9207 2"),
        "error": ("Why it was refused, as a word for programs.", "OIDC Core 3.1.2.6"),
        "error_description": ("Why it was refused, for the developer.", "RFC 6749 4.1.2.1"),
        "access_token": ("Opens UserInfo and APIs. Here it is opaque, unless it is for a resource.", "RFC 6749 1.4"),
        "id_token": (
            "Who logged in, when and how, signed by the provider. For the client alone; no API takes it.",
            "OIDC Core 2",
        ),
        "token_type": ("How the access token is shown: Bearer, or DPoP with a proof.", "RFC 6749 7.1"),
        "expires_in": ("How many seconds the token lives.", "RFC 6749 5.1"),
        "active": ("Whether the token counts right now.", "RFC 7662 2.2"),
        "issuer": ("The provider's name, and the start of all its addresses.", "OIDC Discovery 3"),
    }
)

CLAIMS = _table(
    {
        "iss": ("Who made it.", "OIDC Core 2"),
        "sub": ("The person: never a personal number, never given to somebody else.", "OIDC Core 2"),
        "aud": ("For whom it is.", "OIDC Core 2"),
        "exp": ("Until when it counts, in seconds since 1970.", "OIDC Core 2"),
        "iat": ("When it was made.", "OIDC Core 2"),
        "nbf": ("From when it counts.", "RFC 7519 4.1.5"),
        "jti": ("Its own name, so that it is used once.", "RFC 7519 4.1.7"),
        "auth_time": ("When the person identified.", "OIDC Core 2"),
        "nonce": ("The text of the request: this token answers it.", "OIDC Core 2"),
        "acr": ("How strong the identification was.", "OIDC Core 2"),
        "amr": ("By which means: for example a key in a phone.", "RFC 8176"),
        "at_hash": ("Half of the SHA-256 of the access token: they belong together.", "OIDC Core 3.1.3.6"),
        "sid": ("The session: logout tokens name it.", "Back-Channel Logout 2.1"),
        "azp": ("To whom it was given.", "OIDC Core 2"),
        "name": ("The name as BankID has it.", "OIDC Core 5.1"),
        "given_name": ("The first name.", "OIDC Core 5.1"),
        "family_name": ("The surname.", "OIDC Core 5.1"),
        "email": ("The address. Believe it only when email_verified is true.", "OIDC Core 5.1"),
        "email_verified": ("Whether the person has confirmed the address.", "OIDC Core 5.1"),
        "phone_number": ("The telephone number with its country code.", "OIDC Core 5.1"),
        "phone_number_verified": ("Whether the number has been confirmed.", "OIDC Core 5.1"),
        "customer_number": ("The company's customer number, chosen in this login.", "this provider"),
        "link_assurance": ("How well the person proved to belong to the company.", "this provider"),
        "fresh_link": ("Whether the company may not have read of the link yet.", "this provider"),
        "customers": ("All companies of the person.", "this provider"),
        "https://id.oidc.se/claim/orgNumber": ("The organisation number, ten digits.", "Swedish claims 2.2"),
        "https://id.oidc.se/claim/orgName": ("The company's name.", "Swedish claims 2.2"),
        "events": ("What has happened: a logout.", "Back-Channel Logout 2.4"),
        "scope": ("What the token allows.", "RFC 9068 2.2.3"),
        "client_id": ("Which client it was given to.", "RFC 9068 2.2"),
        "cnf": ("The key that its holder must prove.", "RFC 9449 6"),
        "htm": ("The method of the request that it proves.", "RFC 9449 4.2"),
        "htu": ("The address of the request that it proves.", "RFC 9449 4.2"),
        "ath": ("The SHA-256 of the access token that it goes with.", "RFC 9449 4.2"),
    }
)

HEADERS = _table(
    {
        "Authorization": (
            "The client's proof (Basic), or the access token (Bearer, DPoP).",
            "RFC 6749 2.3.1; RFC 6750 2.1",
        ),
        "DPoP": ("A proof, for this request alone, that the sender holds the key.", "RFC 9449 4"),
        "DPoP-Nonce": ("A text that the next proof must hold.", "RFC 9449 8"),
        "WWW-Authenticate": ("Why the token was refused.", "RFC 6750 3"),
    }
)


def explain(name: str, *, is_claim: bool = False) -> Explanation | None:
    """What a name means, as a claim of a token or as a parameter; None for a name that explains itself."""
    first, second = (CLAIMS, PARAMETERS) if is_claim else (PARAMETERS, CLAIMS)
    return first.get(name) or second.get(name) or HEADERS.get(name)
