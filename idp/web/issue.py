"""Issue: the use case that answers a client, as views reach it."""

from idp.core.signin.answer import Answer
from idp.web.services import services


def answers() -> Answer:
    """Ends journeys with a grant and its code."""
    known = services()
    return Answer(
        interactions=known.interactions,
        grants=known.grants,
        audit=known.audit,
        keys=known.keys,
        issuer=known.settings.issuer,
    )
