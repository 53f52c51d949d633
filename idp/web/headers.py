"""Headers of every answer: what a page may load, who may frame it, what may be cached."""

from collections.abc import Sequence

from flask import Flask, Response, g

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{connect_src}; "
    "form-action 'self'{form_action}; frame-src {frame_src}; frame-ancestors 'none'; base-uri 'none'"
)
_NOT_STORED = ("Cache-Control", "no-store")
_OF_A_PAGE = (
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


def allow_form_action(origin: str) -> None:
    """Let this page's forms end at the client: Chromium applies form-action to the redirects that follow a POST."""
    allowed = g.get("form_action", "")
    if origin not in allowed.split():
        g.form_action = f"{allowed} {origin}"


def allow_connections(origins: Sequence[str]) -> None:
    """Let this page's script ask these, too."""
    g.connect_src = "".join(f" {origin}" for origin in origins)


def allow_frames(origins: list[str]) -> None:
    """Let this page load front-channel logout frames."""
    g.frame_src = " ".join(sorted(set(origins))) or "'none'"


def on_every_answer(*, secure: bool) -> Sequence[tuple[str, str]]:
    """What nobody sets otherwise; `secure` is whether the issuer is https."""
    # Not no-referrer: with it Chromium says "Origin: null" even for our own forms, and the origin check would be blind.
    always = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"))
    return (*always, ("Strict-Transport-Security", "max-age=31536000")) if secure else always


def install(app: Flask) -> None:
    """Set the safe headers on what a view left open."""
    always = (_NOT_STORED, *on_every_answer(secure=app.config["PREFERRED_URL_SCHEME"] == "https"))

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        said = {name.lower(): value for name, value in headers}
        safe = always
        if said.get("content-type", "").startswith("text/html"):
            safe = (*always, *_OF_A_PAGE, ("Content-Security-Policy", _policy()))
        headers.extend([header for header in safe if header[0].lower() not in said])
        return response


def _policy() -> str:
    return _POLICY.format(
        form_action=g.get("form_action", ""),
        connect_src=g.get("connect_src", ""),
        frame_src=g.get("frame_src", "'none'"),
    )
