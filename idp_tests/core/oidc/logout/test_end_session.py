"""What ends with a session, and who is told."""

from dataclasses import replace
from typing import Any

from idp.core.oidc.logout.end_session import LoggedOut, SignedIn
from idp_tests.builders import NOW, a_person
from idp_tests.core.oidc.logout.ending import make_end_session
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, InMemory, app, partner, portal

ANNA = SignedIn(session_id="s1", person=a_person())


def end(memory: InMemory, session: SignedIn = ANNA, *, won: bool = True) -> LoggedOut:
    return make_end_session(memory, Recorder({"sessions.end": won}))(session, NOW, reason="logout")


def test_ending_a_session_ends_its_tokens_and_keeps_what_is_offline() -> None:
    memory = InMemory()
    web = memory.exchange(portal(), grant={"offline": False})
    phone = memory.exchange(app(), grant={"offline": True})
    elsewhere = memory.exchange(portal(), grant={"offline": False, "session_id": "s9"})
    end(memory)
    assert memory.grants.reasons == {read_grant(web): "logout"}
    assert memory.userinfo(phone["access_token"]).claims
    assert memory.userinfo(elsewhere["access_token"]).claims
    assert memory.audit.names == ["session.ended"]


def read_grant(answer: dict[str, Any]) -> str:
    reference = TOKEN_ISSUER.reference_tokens.read_access_token(answer["access_token"])
    assert reference is not None
    return reference.grant_id


def test_every_client_of_the_session_that_wants_it_is_told_once() -> None:
    memory = InMemory()
    for client in (portal(), partner()):
        memory.use(replace(client, backchannel_logout_uri=f"https://{client.client_id}.example/out"))
        memory.grant(client)
        memory.grant(client)
    memory.grant(app())
    end(memory)
    assert sorted(memory.outbox.messages.values(), key=str) == [
        ("backchannel_logout", {"client_id": "minasidor", "sub": "sub-1", "sid": "sid-minasidor"}),
        ("backchannel_logout", {"client_id": "partner", "sub": "sub-1", "sid": "sid-partner"}),
    ]


def test_a_session_that_the_caller_ended_is_not_ended_once_more() -> None:
    memory, ports = InMemory(), Recorder()
    assert make_end_session(memory, ports).conclude(ANNA, NOW, reason="blocked") == LoggedOut(frames=())
    assert ports.names == []
    assert memory.audit.names == ["session.ended"]


def test_of_two_logouts_at_once_one_ends_tells_and_is_noted() -> None:
    """The other browser's page may load the front-channel addresses all the same: loading them twice changes nothing."""
    memory = InMemory()
    addresses = {
        "backchannel_logout_uri": "https://a.example/back",
        "frontchannel_logout_uri": "https://a.example/front",
    }
    answer = memory.exchange(memory.use(portal(**addresses)))
    assert len(end(memory, won=False).frames) == 1
    assert memory.userinfo(answer["access_token"]).claims
    assert (memory.outbox.messages, memory.audit.names) == ({}, [])


def test_a_client_whose_grants_are_revoked_is_told_all_the_same() -> None:
    memory = InMemory()
    client = memory.use(portal(backchannel_logout_uri="https://minasidor.example/out"))
    memory.grants.revoke(memory.grant(client).id, NOW, reason="test")
    end(memory)
    assert len(memory.outbox.messages) == 1


def test_front_channel_addresses_carry_issuer_and_session() -> None:
    memory = InMemory()
    for client, address in ((portal(), "https://minasidor.example/out"), (partner(), "https://partner.example/o?a=b")):
        memory.use(replace(client, frontchannel_logout_uri=address))
        memory.grant(client)
    assert end(memory).frames == (
        "https://minasidor.example/out?iss=https%3A%2F%2Fid.example&sid=sid-minasidor",
        "https://partner.example/o?a=b&iss=https%3A%2F%2Fid.example&sid=sid-partner",
    )


def test_a_client_that_is_gone_is_passed_over() -> None:
    memory = InMemory()
    memory.grant(portal(client_id="gone"))
    assert end(memory).frames == ()
