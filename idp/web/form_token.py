"""Form token: a form of ours carries what only our own page could know (cross-site request forgery, CWE-352)."""

from collections.abc import Collection

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect


def install(app: Flask, exempt: Collection[str]) -> None:
    """Check it in everything that changes something; exempt are these blueprints, and single views that say so.

    The library's own check looks at more of each request than most requests are worth.
    """
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our pages do not send; see idp.web.origin
    )
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        rule = request.url_rule
        if rule is not None and rule.endpoint.partition(".")[0] not in exempt:
            protection.protect(apply_exemptions=True)
