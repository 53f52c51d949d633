"""The use case that ends a session, over the tests' ports in memory."""

from idp.core.oidc.logout.end_session import EndSession
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, InMemory


def make_end_session(memory: InMemory, ports: Recorder) -> EndSession:
    return EndSession(
        sessions=ports.port("sessions"),
        grants=memory.grants,
        outbox=memory.outbox,
        clients=memory.clients,
        audit=memory.audit,
        token_issuer=lambda: TOKEN_ISSUER,
    )
