from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import SubjectType
from idp.core.oidc.errors import Displayed
from idp.core.oidc.keys import jose
from idp.core.oidc.logout import (
    KEPT_FOR,
    LogoutRequest,
    LogoutRequests,
    SignedIn,
    end_session,
    logout_token,
)
from idp.core.oidc.parameters import RawParameters
from idp_tests.asking import PushedInMemory
from idp_tests.builders import NOW, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder
from idp_tests.tokens import CLIENT_KEYS, ISSUER, KEYRING, TOKEN_ISSUER, Desk, app, partner, portal, read

BYE = "https://minasidor.example/bye"
ANNA = SignedIn(session_id="s1", person=a_person())
BO = SignedIn(session_id="s2", person=a_person(id="p2", sub="sub-2"))


def requests(desk: Desk) -> LogoutRequests:
    return LogoutRequests(
        clients=desk.clients,
        grants=desk.grants,
        kept_requests=PushedInMemory(),
        token_issuer=lambda: TOKEN_ISSUER,
    )


def ask(desk: Desk, **parameters: str) -> LogoutRequest:
    return requests(desk)(RawParameters.of(parameters.items()))


def displayed(desk: Desk, **parameters: str) -> Displayed:
    with pytest.raises(Displayed) as caught:
        ask(desk, **parameters)
    return caught.value


def hint(desk: Desk, **grant: Any) -> str:
    return str(desk.exchange(grant=grant)["id_token"])


def changed(token: str, *, typ: str = "JWT", **changes: Any) -> str:
    """The same ID Token, with other members, signed by us."""
    members = {name: value for name, value in {**read(token).members, **changes}.items() if value is not None}
    signer = KEYRING.signer("ES256", NOW)
    return jose.sign(typ, members, signer.key, "ES256", signer.kid)


def is_asked(desk: Desk, request: LogoutRequest, *signed_in: SignedIn) -> bool:
    return requests(desk).needs_confirmation(request, signed_in)


def end(desk: Desk, session: SignedIn = ANNA, *, won: bool = True) -> Any:
    return end_session(
        session,
        sessions=Recorder({"sessions.end": won}).port("sessions"),
        grants=desk.grants,
        outbox=desk.outbox,
        clients=desk.clients,
        audit=desk.audit,
        token_issuer=TOKEN_ISSUER,
        now=NOW,
    )


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_a_hint_of_this_very_session_needs_no_question() -> None:
    desk = Desk()
    request = ask(desk, id_token_hint=hint(desk), post_logout_redirect_uri=BYE, state="s t&")
    assert not is_asked(desk, request, ANNA)
    assert request.return_address == f"{BYE}?state=s+t%26"


def test_without_state_the_address_is_left_as_it_is() -> None:
    desk = Desk()
    assert ask(desk, id_token_hint=hint(desk), post_logout_redirect_uri=BYE).return_address == BYE


def test_state_joins_a_query_that_is_registered() -> None:
    desk = Desk()
    address = BYE + "?a=b"
    desk.use(portal(post_logout_redirect_uris=frozenset({address})))
    request = ask(desk, id_token_hint=hint(desk), post_logout_redirect_uri=address, state="s")
    assert request.return_address == f"{address}&state=s"


def test_without_a_return_address_there_is_none() -> None:
    desk = Desk()
    assert ask(desk, id_token_hint=hint(desk), state="s").return_address is None


def test_an_old_hint_still_counts() -> None:
    desk = Desk()
    old = changed(hint(desk), exp=int((NOW - timedelta(days=20)).timestamp()))
    assert not is_asked(desk, ask(desk, id_token_hint=old), ANNA)


def test_a_hint_of_another_person_or_session_asks() -> None:
    desk = Desk()
    own = hint(desk)
    for members in ({"sub": "sub-2"}, {"sid": "sid-of-another-session"}, {"sid": None}):
        assert is_asked(desk, ask(desk, id_token_hint=changed(own, **members)), ANNA)
    assert is_asked(desk, ask(desk, id_token_hint=own), BO)


def test_a_hint_with_a_pairwise_subject_is_recognised() -> None:
    desk = Desk()
    desk.use(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))
    pairwise = desk.exchange(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))["id_token"]
    assert not is_asked(desk, ask(desk, id_token_hint=pairwise), ANNA)


@each("parameters", [{}, {"state": "s"}, {"client_id": "minasidor"}, {"logout_hint": "x"}])
def test_without_a_hint_the_person_is_asked(parameters: dict[str, str]) -> None:
    desk = Desk()
    assert is_asked(desk, ask(desk, **parameters), ANNA)


def test_without_a_session_there_is_nothing_to_ask() -> None:
    desk = Desk()
    assert not is_asked(desk, ask(desk))


def test_an_address_without_a_client_leads_nowhere() -> None:
    request = ask(Desk(), post_logout_redirect_uri="https://evil.example/", state="s")
    assert (request.client, request.return_address) == (None, None)


@each(
    "address",
    [
        BYE + "/",
        BYE + "?x=1",
        BYE.upper(),
        "https://evil.example/",
        "javascript:alert(1)",
        "https://minasidor.example/cb",
    ],
)
def test_an_unregistered_address_is_an_error_page(address: str) -> None:
    desk = Desk()
    error = displayed(desk, id_token_hint=hint(desk), post_logout_redirect_uri=address)
    assert (error.client_id, address in str(error)) == ("minasidor", False)
    assert displayed(desk, client_id="minasidor", post_logout_redirect_uri=address).status == 400


def test_a_hint_that_we_did_not_sign_is_an_error_page() -> None:
    desk = Desk()
    own = hint(desk)
    head, body, signature = own.split(".")
    members = dict(read(own).members)
    kid = KEYRING.signer("ES256", NOW).kid
    bad = [
        "x",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        jose.sign("JWT", members, CLIENT_KEYS["ES256"], "ES256", kid),
        changed(own, iss="https://other.example"),
        changed(own, iss=None),
        changed(own, aud="unknown"),
        changed(own, aud=["minasidor", "partner"]),
        changed(own, aud=None),
        changed(own, sub=None),
        changed(own, typ="at+jwt"),
        changed(own, typ="logout+jwt"),
    ]
    for text in bad:
        assert displayed(desk, id_token_hint=text, post_logout_redirect_uri=BYE).code == "invalid_request"


def test_our_other_tokens_are_no_hints() -> None:
    desk = Desk()
    client = desk.use(portal(resources=frozenset({"https://api.example"})))
    access_token = desk.exchange(client, resource="https://api.example")["access_token"]
    assert displayed(desk, id_token_hint=access_token).status == 400
    assert (
        displayed(
            desk, id_token_hint=logout_token(client, sub="sub-1", sid="s", token_issuer=TOKEN_ISSUER, now=NOW)
        ).status
        == 400
    )


def test_an_audience_with_one_entry_counts() -> None:
    desk = Desk()
    request = ask(desk, id_token_hint=changed(hint(desk), aud=["minasidor"]), post_logout_redirect_uri=BYE)
    assert request.return_address == BYE


def test_client_id_must_be_the_hints() -> None:
    desk = Desk()
    assert ask(desk, id_token_hint=hint(desk), client_id="minasidor").client
    assert displayed(desk, id_token_hint=hint(desk), client_id="partner").status == 400


@each("client_id", ["nobody", "å", "x" * 1000])
def test_an_unknown_client_is_an_error_page(client_id: str) -> None:
    assert client_id not in str(displayed(Desk(), client_id=client_id))


def test_a_disabled_client_is_an_error_page() -> None:
    desk = Desk()
    own = hint(desk)
    desk.use(portal(disabled=True))
    assert displayed(desk, id_token_hint=own).status == 400


@each("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_no_parameter_may_stand_twice(name: str) -> None:
    with pytest.raises(Displayed):
        requests(Desk())(RawParameters.of([(name, "x"), (name, "x")]))


def test_a_request_is_kept_for_ten_minutes_under_a_reference_that_is_nowhere() -> None:
    kept, raw = requests(Desk()), RawParameters.of([("client_id", "minasidor"), ("state", "s")])
    reference = kept.keep(raw, NOW)
    assert kept.find_kept(reference, NOW + KEPT_FOR - timedelta(seconds=1)) == raw
    assert reference not in repr(vars(kept.kept_requests))
    with pytest.raises(Displayed) as caught:
        kept.find_kept(reference, NOW + KEPT_FOR)
    assert caught.value.page == "error.expired"


# --- what happens ----------------------------------------------------------------------------------------------------


def test_ending_a_session_ends_its_tokens_and_keeps_what_is_offline() -> None:
    desk = Desk()
    web = desk.exchange(portal(), grant={"offline": False})
    phone = desk.exchange(app(), grant={"offline": True})
    elsewhere = desk.exchange(portal(), grant={"offline": False, "session_id": "s9"})
    end(desk)
    assert desk.grants.reasons == {read_grant(web): "logout"}
    assert desk.userinfo(phone["access_token"]).claims
    assert desk.userinfo(elsewhere["access_token"]).claims
    assert desk.audit.names == ["session.ended"]


def read_grant(answer: dict[str, Any]) -> str:
    reference = TOKEN_ISSUER.reference_tokens.read_access_token(answer["access_token"])
    assert reference is not None
    return reference.grant_id


def test_every_client_of_the_session_that_wants_it_is_told_once() -> None:
    desk = Desk()
    for client in (portal(), partner()):
        desk.use(replace(client, backchannel_logout_uri=f"https://{client.client_id}.example/out"))
        desk.grant(client)
        desk.grant(client)
    desk.grant(app())
    end(desk)
    assert sorted(desk.outbox.messages.values(), key=str) == [
        ("backchannel_logout", {"client_id": "minasidor", "sub": "sub-1", "sid": "sid-minasidor"}),
        ("backchannel_logout", {"client_id": "partner", "sub": "sub-1", "sid": "sid-partner"}),
    ]


def test_of_two_logouts_at_once_one_ends_tells_and_is_noted() -> None:
    """The other browser's page may load the front-channel addresses all the same: loading them twice changes nothing."""
    desk = Desk()
    addresses = {
        "backchannel_logout_uri": "https://a.example/back",
        "frontchannel_logout_uri": "https://a.example/front",
    }
    answer = desk.exchange(desk.use(portal(**addresses)))
    assert len(end(desk, won=False).frames) == 1
    assert desk.userinfo(answer["access_token"]).claims
    assert (desk.outbox.messages, desk.audit.names) == ({}, [])


def test_a_client_whose_grants_are_revoked_is_told_all_the_same() -> None:
    desk = Desk()
    client = desk.use(portal(backchannel_logout_uri="https://minasidor.example/out"))
    desk.grants.revoke(desk.grant(client).id, NOW, reason="test")
    end(desk)
    assert len(desk.outbox.messages) == 1


def test_front_channel_addresses_carry_issuer_and_session() -> None:
    desk = Desk()
    for client, address in ((portal(), "https://minasidor.example/out"), (partner(), "https://partner.example/o?a=b")):
        desk.use(replace(client, frontchannel_logout_uri=address))
        desk.grant(client)
    assert end(desk).frames == (
        "https://minasidor.example/out?iss=https%3A%2F%2Fid.example&sid=sid-minasidor",
        "https://partner.example/o?a=b&iss=https%3A%2F%2Fid.example&sid=sid-partner",
    )


def test_the_apps_of_a_session_are_named_once() -> None:
    desk = Desk()
    for client in (portal(), portal(), app()):
        desk.grant(client)
    names = [one.client_name for one in requests(desk).apps_of([ANNA, ANNA])]
    assert names == ["MinaSidor", "MittPreZero"]


def test_a_client_that_is_gone_is_passed_over() -> None:
    desk = Desk()
    desk.grant(portal(client_id="gone"))
    assert end(desk).frames == ()
    assert requests(desk).apps_of([ANNA]) == []


def test_a_logout_token_is_what_the_specification_says() -> None:
    claims = read(logout_token(portal(), sub="sub-1", sid="sid-1", token_issuer=TOKEN_ISSUER, now=NOW))
    members = dict(claims.members)
    assert claims.header["typ"] == "logout+jwt"
    assert len(members.pop("jti")) >= 16
    assert members == {
        "iss": ISSUER,
        "sub": "sub-1",
        "aud": "minasidor",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=2)).timestamp()),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "sid-1",
    }


@each("alg", ["RS256", "ES256", "PS256"])
def test_a_logout_token_is_signed_like_the_clients_id_tokens(alg: str) -> None:
    client = portal(id_token_signed_response_alg=alg)
    assert read(logout_token(client, sub="s", sid="s", token_issuer=TOKEN_ISSUER, now=NOW)).header["alg"] == alg
