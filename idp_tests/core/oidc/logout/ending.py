"""The use case that ends a session, at a desk of the tests."""

from idp.core.oidc.logout.end_session import EndSession
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, Desk


def make_end_session(desk: Desk, ports: Recorder) -> EndSession:
    return EndSession(
        sessions=ports.port("sessions"),
        grants=desk.grants,
        outbox=desk.outbox,
        clients=desk.clients,
        audit=desk.audit,
        token_issuer=lambda: TOKEN_ISSUER,
    )
