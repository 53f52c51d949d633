"""Registration: who may register, what the answer holds, and that nobody touches another's client."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.core.events import ClientRegistrationRefused
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile, SubjectType
from idp.core.oidc.dynamic_registration.initial_token import (
    issue_initial_token,
    remove_clients_of,
    revoke_initial_token,
)
from idp.core.oidc.dynamic_registration.recent_clients import BELIEVED_FOR, MOST_ENTRIES, RecentClients
from idp.core.oidc.dynamic_registration.registered_client import CLIENT_ID, RegisteredClient, as_client
from idp.core.oidc.dynamic_registration.registration import (
    change_registered,
    find_initial_token,
    find_registered,
    read_registered,
    register_client,
    remove_registered,
    token_hash,
)
from idp.core.oidc.errors import Refused
from idp_tests.fakes import FakeAudit, FakeGrants
from idp_tests.registrations import (
    INITIAL_TOKEN,
    ISSUER,
    NOW,
    TERMS,
    FakeInitialTokens,
    FakeRegisteredClients,
    body,
    jwks,
    tokens_with,
    with_keys,
)


@dataclasses.dataclass
class FakeConsents:
    """Notes for whom everything was withdrawn."""

    withdrawn: list[str] = dataclasses.field(default_factory=list)

    def withdraw_for_client(self, client_id: str) -> int:
        self.withdrawn.append(client_id)
        return 1


@dataclasses.dataclass
class Desk:
    """The registration of one provider, in memory."""

    registered: FakeRegisteredClients = dataclasses.field(default_factory=lambda: FakeRegisteredClients(tokens_with()))
    audit: FakeAudit = dataclasses.field(default_factory=FakeAudit)
    grants: FakeGrants = dataclasses.field(default_factory=FakeGrants)
    consents: FakeConsents = dataclasses.field(default_factory=FakeConsents)
    terms: Any = TERMS
    now: datetime = NOW

    def register(self, sent: bytes | None = None, *, token: str = INITIAL_TOKEN, **changes: Any) -> Mapping[str, Any]:
        initial = find_initial_token(
            f"Bearer {token}", initial_tokens=self.registered.tokens, issuer=ISSUER, now=self.now
        )
        return register_client(
            sent if sent is not None else body(**changes),
            initial,
            terms=self.terms,
            registered=self.registered,
            audit=self.audit,
            now=self.now,
        )

    def caller(self, told: Mapping[str, Any], token: str | None = None) -> tuple[RegisteredClient, str]:
        presented = token or told["registration_access_token"]
        return find_registered(told["client_id"], f"Bearer {presented}", registered=self.registered, issuer=ISSUER)

    def change(self, told: Mapping[str, Any], **changes: Any) -> Mapping[str, Any]:
        return change_registered(
            body(client_id=told["client_id"], **changes) if "client_id" not in changes else body(**changes),
            self.caller(told),
            terms=self.terms,
            registered=self.registered,
            audit=self.audit,
            now=self.now,
        )

    def client(self, told: Mapping[str, Any]) -> Client:
        return as_client(self.registered.rows[told["client_id"]], issuer=ISSUER, sandbox=False, now=self.now)


def many() -> Desk:
    return Desk(FakeRegisteredClients(tokens_with(uses=None)))


def test_the_answer_holds_all_there_is_to_know() -> None:
    desk = Desk()
    told = desk.register()
    assert CLIENT_ID.fullmatch(told["client_id"])
    assert told["client_id_issued_at"] == int(NOW.timestamp())
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"] == f"{ISSUER}/register/{told['client_id']}"
    assert told["redirect_uris"] == ["https://rp.example/cb"]
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert len(told["client_secret"]) >= 43
    assert len(told["registration_access_token"]) >= 43


def test_nothing_that_opens_anything_is_stored() -> None:
    desk = Desk()
    told = desk.register()
    stored = repr(dataclasses.asdict(desk.registered.rows[told["client_id"]]))
    assert told["client_secret"] not in stored
    assert told["registration_access_token"] not in stored
    assert token_hash(told["client_secret"]) in stored


def test_every_client_gets_secrets_of_its_own() -> None:
    desk = many()
    answers = [desk.register() for _ in range(50)]
    for name in ("client_id", "client_secret", "registration_access_token"):
        assert len({told[name] for told in answers}) == 50


@pytest.mark.parametrize("changes", [{"token_endpoint_auth_method": "none"}, with_keys()])
def test_a_client_that_keeps_no_secret_gets_none(changes: dict[str, Any]) -> None:
    told = Desk().register(**changes)
    assert not {"client_secret", "client_secret_expires_at"} & told.keys()


def test_a_secret_ends_when_it_is_said_to_end() -> None:
    desk = Desk(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=30)))
    told = desk.register()
    assert told["client_secret_expires_at"] == int((NOW + timedelta(days=30)).timestamp())
    assert desk.client(told).client_secret_hashes == (token_hash(told["client_secret"]),)
    desk.now += timedelta(days=30)
    assert desk.client(told).client_secret_hashes == ()


def test_a_registered_client_is_a_third_party_whatever_it_says() -> None:
    desk = Desk()
    told = desk.register(first_party=True, personal_number_allowed=True, sso_group="prezero", user_message_allowed=True)
    client = desk.client(told)
    assert client.security_profile is SecurityProfile.THIRD_PARTY
    assert not client.first_party
    assert not client.personal_number_allowed
    assert not client.evidence_claims_allowed
    assert not client.user_message_allowed
    assert client.require_pkce
    assert client.sso_group == client.client_id
    assert client.token_endpoint_auth_methods == {AuthMethod.CLIENT_SECRET_BASIC}
    assert client.subject_type is SubjectType.PAIRWISE
    assert client.refresh_lifetime is None


def test_not_even_the_swedish_profile_lets_a_stranger_write_in_the_bankid_app() -> None:
    desk = Desk(FakeRegisteredClients(tokens_with(security_profile=SecurityProfile.SWEDEN)))
    client = desk.client(desk.register(jwks=jwks()))
    assert client.security_profile is SecurityProfile.SWEDEN
    assert not client.user_message_allowed
    assert client.reidentify_without_prompt


def test_pairwise_subjects_belong_to_the_host_that_receives_the_logins() -> None:
    desk = many()
    assert desk.client(desk.register()).sector_identifier == "rp.example"
    native: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
    for uris in (["http://127.0.0.1/cb"], ["com.rp.app:/cb"], ["https://rp.example/cb", "http://127.0.0.1/cb"]):
        told = desk.register(**native, redirect_uris=uris)
        assert desk.client(told).sector_identifier == told["client_id"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {INITIAL_TOKEN}",
        f"DPoP {INITIAL_TOKEN}",
        INITIAL_TOKEN,
        "Bearer wrong",
        f"Bearer {INITIAL_TOKEN}x",
        f"Bearer {INITIAL_TOKEN[:-1]}",
        f"Bearer {INITIAL_TOKEN.upper()}",
        f"Bearer  {INITIAL_TOKEN}",
        f"Bearer {INITIAL_TOKEN}, Bearer {INITIAL_TOKEN}",
        "Bearer " + "a" * 5_000,
        "Bearer åäö",
        "Bearer \udcff",
        f"Bearer {token_hash(INITIAL_TOKEN)}",
    ],
)
def test_without_the_initial_token_nobody_registers(authorization: str | None) -> None:
    with pytest.raises(Refused) as refused:
        find_initial_token(authorization, initial_tokens=tokens_with(), issuer=ISSUER, now=NOW)
    assert (refused.value.status, refused.value.code) == (401, "invalid_token")
    assert refused.value.headers["WWW-Authenticate"].startswith(f'Bearer realm="{ISSUER}"')


@pytest.mark.parametrize(
    "tokens",
    [
        tokens_with(used=1),
        tokens_with(uses=3, used=3),
        tokens_with(revoked_at=NOW),
        FakeInitialTokens(),
    ],
)
def test_a_token_that_is_over_registers_nobody(tokens: FakeInitialTokens) -> None:
    with pytest.raises(Refused):
        Desk(FakeRegisteredClients(tokens)).register()


def test_a_token_expires_to_the_second() -> None:
    desk = Desk(now=NOW + timedelta(days=7) - timedelta(seconds=1))
    desk.register()
    late = Desk(now=NOW + timedelta(days=7))
    with pytest.raises(Refused):
        late.register()


def test_a_refused_registration_uses_nothing_up_and_is_written_down() -> None:
    desk = Desk()
    with pytest.raises(Refused) as refused:
        desk.register(redirect_uris=["http://rp.example/cb"])
    assert (refused.value.status, refused.value.code) == (400, "invalid_redirect_uri")
    assert desk.audit.events == [ClientRegistrationRefused(initial_token_id="initial", member="redirect_uris")]
    assert desk.registered.rows == {}
    desk.register()


def test_no_refusal_repeats_what_was_sent() -> None:
    canary = "canary5f1"
    for changes in (
        {"redirect_uris": [f"https://{canary}.localhost/cb"]},
        {"redirect_uris": [f"{canary}:/cb"]},
        {"client_name": f"{canary}\n"},
        {"scope": canary},
        {f"client_name#{'sv'}": f"BankID {canary}"},
        {"token_endpoint_auth_method": canary},
        {"grant_types": [canary]},
        {"application_type": canary},
        {"default_acr_values": [canary]},
        {"jwks": {"keys": [{"kty": canary}]}},
    ):
        with pytest.raises(Refused) as refused:
            Desk().register(**changes)
        assert canary not in refused.value.description + refused.value.detail


def test_one_use_makes_one_client_when_two_passed_the_door_together() -> None:
    desk = Desk()
    initial = find_initial_token(
        f"Bearer {INITIAL_TOKEN}", initial_tokens=desk.registered.tokens, issuer=ISSUER, now=NOW
    )

    def register() -> Mapping[str, Any]:
        return register_client(body(), initial, terms=TERMS, registered=desk.registered, audit=desk.audit, now=NOW)

    register()
    with pytest.raises(Refused) as refused:
        register()
    assert refused.value.status == 401
    assert len(desk.registered.rows) == 1


def test_too_many_too_fast_or_in_all_wait() -> None:
    desk = many()
    desk.registered.too_fast = True
    with pytest.raises(Refused) as fast:
        desk.register()
    full = Desk(FakeRegisteredClients(tokens_with(uses=None)), terms=dataclasses.replace(TERMS, most_clients=1))
    full.register()
    with pytest.raises(Refused) as too_many:
        full.register()
    for refused in (fast.value, too_many.value):
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0


def test_a_client_reads_itself_without_its_secret() -> None:
    desk = Desk()
    told = desk.register()
    again = read_registered(desk.caller(told), issuer=ISSUER)
    assert again == {name: value for name, value in told.items() if name != "client_secret"}


def test_only_its_own_token_opens_a_client() -> None:
    desk = many()
    first, second = desk.register(), desk.register()
    for token in (second["registration_access_token"], INITIAL_TOKEN, first["client_secret"], "x"):
        with pytest.raises(Refused) as refused:
            desk.caller(first, token)
        assert (refused.value.status, refused.value.code) == (401, "invalid_token")


@pytest.mark.parametrize("client_id", ["minasidor", "", "dcr-", "dcr-" + "0" * 32, "dcr-" + "G" * 32, "../x", "é"])
def test_an_unknown_client_answers_as_a_wrong_token_does(client_id: str) -> None:
    with pytest.raises(Refused) as refused:
        find_registered(client_id, "Bearer nobody", registered=FakeRegisteredClients(), issuer=ISSUER)
    assert (refused.value.status, refused.value.description) == (
        401,
        "A valid access token for registration is needed",
    )


def test_a_change_replaces_everything() -> None:
    desk = Desk()
    told = desk.register(client_uri="https://rp.example", scope="openid email")
    changed = desk.change(told, client_name="Partner Två", redirect_uris=["https://rp.example/new"])
    assert changed["client_name"] == "Partner Två"
    assert changed["redirect_uris"] == ["https://rp.example/new"]
    assert "client_uri" not in changed
    assert changed["scope"] == "openid profile email phone"
    assert changed["registration_access_token"] == told["registration_access_token"]
    assert "client_secret" not in changed
    assert desk.client(told).client_secret_hashes == (token_hash(told["client_secret"]),)
    assert desk.audit.names == ["client.registered", "client.changed"]


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"client_id": ...}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"client_id": 7}, "client_id"),
        ({"client_id": "dcr-" + "0" * 32}, "client_id"),
        ({"client_id": "minasidor"}, "client_id"),
        ({"client_secret": "wrong"}, "client_secret"),
        ({"client_secret": None}, "client_secret"),
        ({"client_secret": ["x"]}, "client_secret"),
        ({"client_secret": "\u00e5"}, "client_secret"),
        ({"registration_access_token": "x"}, "body"),
        ({"registration_client_uri": "https://id.example/register/x"}, "body"),
        ({"client_secret_expires_at": 0}, "body"),
        ({"client_id_issued_at": 0}, "body"),
        ({"redirect_uris": ["https://other.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
        (
            {
                "application_type": "native",
                "token_endpoint_auth_method": "none",
                "redirect_uris": ["https://rp.example/cb", "http://127.0.0.1/cb"],
            },
            "redirect_uris",
        ),
        ({"client_name": "BankID"}, "client_name"),
        ({"jwks_uri": "https://rp.example/jwks"}, "jwks_uri"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(changes: dict[str, Any], member: str) -> None:
    desk = Desk()
    told = desk.register()
    before = desk.registered.rows[told["client_id"]]
    with pytest.raises(Refused) as refused:
        desk.change(told, **changes)
    assert refused.value.status == 400
    assert refused.value.description.startswith(f"{member}: ")
    assert desk.registered.rows[told["client_id"]] == before
    assert desk.audit.names[-1] == "client.change_refused"


def test_a_client_may_repeat_its_secret_and_never_choose_one() -> None:
    desk = Desk()
    told = desk.register()
    assert "client_secret" not in desk.change(told, client_secret=told["client_secret"])


def test_a_secret_comes_and_goes_with_the_method() -> None:
    desk = Desk()
    told = desk.register(**with_keys())
    with_secret = desk.change(told, token_endpoint_auth_method="client_secret_post")
    assert desk.client(told).client_secret_hashes == (token_hash(with_secret["client_secret"]),)
    assert "client_secret" not in desk.change(told, token_endpoint_auth_method="none")
    assert desk.client(told).client_secret_hashes == ()
    assert desk.client(told).is_public


def test_a_secret_is_renewed_in_the_second_half_of_its_life() -> None:
    desk = Desk(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=30)))
    told = desk.register()
    desk.now = NOW + timedelta(days=15)
    assert "client_secret" not in desk.change(told)
    desk.now += timedelta(seconds=1)
    renewed = desk.change(told)
    assert renewed["client_secret_expires_at"] == int((desk.now + timedelta(days=30)).timestamp())
    assert desk.client(told).client_secret_hashes == (token_hash(renewed["client_secret"]),)


def test_of_two_changes_at_once_one_is_told_so() -> None:
    desk = Desk()
    told = desk.register()
    caller = desk.caller(told)
    desk.change(told)
    with pytest.raises(Refused) as refused:
        change_registered(
            body(client_id=told["client_id"]),
            caller,
            terms=TERMS,
            registered=desk.registered,
            audit=desk.audit,
            now=NOW,
        )
    assert refused.value.status == 409


def test_changes_too_fast_wait() -> None:
    desk = Desk()
    told = desk.register()
    desk.registered.too_fast = True
    with pytest.raises(Refused) as refused:
        desk.change(told)
    assert refused.value.status == 429


def test_a_removed_client_is_gone_with_its_grants_and_consents_once() -> None:
    desk = Desk()
    told = desk.register()
    client, _ = desk.caller(told)
    removals = [
        remove_registered(
            client,
            registered=desk.registered,
            grants=desk.grants,
            consents=desk.consents,
            audit=desk.audit,
            now=NOW,
        )
        for _ in range(2)
    ]
    assert removals == [True, False]
    assert desk.consents.withdrawn == [told["client_id"]]
    assert desk.audit.names == ["client.registered", "client.deleted"]
    with pytest.raises(Refused):
        desk.caller(told)


# --- initial access tokens ---


def issue(tokens: FakeInitialTokens, audit: FakeAudit, **changes: Any) -> Any:
    asked: dict[str, Any] = {
        "life": timedelta(days=1),
        "uses": 1,
        "security_profile": SecurityProfile.THIRD_PARTY,
        "operator": "eva",
        **changes,
    }
    return issue_initial_token("Partner", initial_tokens=tokens, audit=audit, now=NOW, **asked)


def test_an_operator_gives_and_takes_the_permission() -> None:
    desk = Desk(FakeRegisteredClients())
    token, secret = issue(desk.registered.tokens, desk.audit, uses=2)
    assert len(secret) >= 43
    assert secret not in repr(desk.registered.tokens)
    told = desk.register(token=secret)
    assert revoke_initial_token(
        token.id, operator="eva", initial_tokens=desk.registered.tokens, audit=desk.audit, now=NOW
    )
    assert not revoke_initial_token(
        token.id, operator="eva", initial_tokens=desk.registered.tokens, audit=desk.audit, now=NOW
    )
    with pytest.raises(Refused):
        desk.register(token=secret)
    assert desk.client(told).client_id == told["client_id"]
    removed = remove_clients_of(
        token.id, registered=desk.registered, grants=desk.grants, consents=desk.consents, audit=desk.audit, now=NOW
    )
    assert desk.consents.withdrawn == [told["client_id"]]
    assert (removed, desk.registered.rows) == (1, {})
    assert desk.audit.names == [
        "initial_token.issued",
        "client.registered",
        "initial_token.revoked",
        "client.deleted",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"life": timedelta(0)},
        {"life": timedelta(days=-1)},
        {"life": timedelta(days=366)},
        {"uses": 0},
        {"uses": 1_001},
        {"security_profile": SecurityProfile.WEB_CONFIDENTIAL},
        {"security_profile": SecurityProfile.NATIVE_PUBLIC},
    ],
)
def test_some_permissions_nobody_is_given(changes: dict[str, Any]) -> None:
    tokens, audit = FakeInitialTokens(), FakeAudit()
    with pytest.raises(ValueError):
        issue(tokens, audit, **changes)
    assert (tokens.rows, audit.events) == ({}, [])


# --- remembered for seconds ---


class Remembered:
    """A memory in front of one desk, and the clock that both share."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.recent = RecentClients(desk.registered, issuer=ISSUER, sandbox=False, clock=lambda: desk.now)

    def wait(self, seconds: float) -> None:
        self.desk.now += timedelta(seconds=seconds)


def test_a_client_is_read_once_in_a_few_seconds() -> None:
    world = Remembered(Desk())
    told = world.desk.register()
    before = world.desk.registered.reads
    for _ in range(10):
        assert world.recent.client(told["client_id"])
    assert world.desk.registered.reads == before + 1
    assert timedelta(0) < BELIEVED_FOR < timedelta(seconds=5)


def test_a_change_by_another_process_is_seen_within_five_seconds() -> None:
    world = Remembered(Desk())
    told = world.desk.register()
    client_id = told["client_id"]
    assert world.recent.client(client_id)
    world.desk.change(told, client_name="Nytt namn")
    world.wait(5)
    changed = world.recent.client(client_id)
    assert changed is not None
    assert changed.client_name == "Nytt namn"
    world.desk.registered.remove(client_id)
    world.wait(5)
    assert world.recent.client(client_id) is None
    assert world.recent.clients() == []


def test_a_client_that_was_not_there_is_seen_within_five_seconds() -> None:
    world = Remembered(many())
    told = world.desk.register()
    row = world.desk.registered.rows.pop(told["client_id"])
    assert world.recent.client(told["client_id"]) is None
    world.desk.registered.rows[told["client_id"]] = row
    world.wait(5)
    assert world.recent.client(told["client_id"]) is not None


def test_what_this_process_does_it_sees_at_once() -> None:
    world = Remembered(Desk())
    told = world.desk.register()
    assert world.recent.client(told["client_id"])
    assert len(world.recent.clients()) == 1
    stored = world.recent.find(told["client_id"])
    assert stored is not None
    metadata = {**stored.metadata, "client_name": "Nytt namn"}
    world.recent.change(dataclasses.replace(stored, metadata=metadata), per_hour=9, now=NOW)
    changed = world.recent.client(told["client_id"])
    assert changed is not None
    assert changed.client_name == "Nytt namn"
    world.recent.remove(told["client_id"])
    assert world.recent.client(told["client_id"]) is None
    assert world.recent.clients() == []


def test_ids_of_another_shape_cost_no_read() -> None:
    world = Remembered(Desk())
    for client_id in ("minasidor", "", "dcr-", "dcr-" + "A" * 32, "x" * 10_000, "dcr-" + "0" * 32 + "\n"):
        assert world.recent.client(client_id) is None
    assert world.desk.registered.reads == 0


def test_a_flood_of_unknown_ids_is_forgotten() -> None:
    world = Remembered(Desk())
    for number in range(MOST_ENTRIES + 5):
        world.recent.client(f"dcr-{number:032x}")
    assert len(world.recent._seen) <= MOST_ENTRIES


def test_a_secret_that_expires_while_remembered_opens_nothing() -> None:
    world = Remembered(Desk(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=1))))
    told = world.desk.register()
    world.wait(86_400 - 1)
    client = world.recent.client(told["client_id"])
    assert client is not None
    assert client.client_secret_hashes
    world.wait(1)
    client = world.recent.client(told["client_id"])
    assert client is not None
    assert not client.client_secret_hashes


def test_a_client_that_breaks_a_newer_rule_is_unknown_and_hurts_nobody() -> None:
    world = Remembered(many())
    told, other = world.desk.register(), world.desk.register()
    row = world.desk.registered.rows[told["client_id"]]
    broken = {**row.metadata, "redirect_uris": ["http://rp.example/cb"]}
    world.desk.registered.rows[told["client_id"]] = dataclasses.replace(row, metadata=broken)
    assert world.recent.client(told["client_id"]) is None
    assert [client.client_id for client in world.recent.clients()] == [other["client_id"]]


def test_a_clock_that_is_set_back_makes_nothing_last() -> None:
    world = Remembered(Desk())
    told = world.desk.register()
    assert world.recent.client(told["client_id"])
    world.desk.registered.remove(told["client_id"])
    world.wait(-3_600)
    assert world.recent.client(told["client_id"]) is None
