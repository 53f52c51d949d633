"""Every audit event has a story that makes the product tell it, from the browser, a client or the command line.

A story asserts events with all their fields. So an event that is no longer recorded, or with other facts, fails its story;
and a place in the product that records one, but that no story goes through, is listed by name.
"""

import ast
import inspect
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from getpass import getuser
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import pytest

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.person_keys import PersonKeys
from idp.core import client_events, events, link_events, operator_events
from idp.core.audit_log import Event
from idp.core.identification.bankid.api import Risk
from idp.core.linking.second_person import SecondPerson
from idp.core.oidc.keys.reference_tokens import AddressProof, DeviceProof
from idp.core.people.contact import Email
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.cli.installation import Installation
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import ISSUER, SETTINGS, Provider, restarted, run_provider
from idp_tests.registrations import members
from idp_tests.relying_party import RelyingParty, press_continue
from idp_tests.scripted_bankid import ANNA, BO

PRODUCT = Path(events.__file__).parents[1]
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
REGISTRATION = "[dynamic_registration]\nenabled = true\n"

Site = tuple[str, str, str]
"""A place that makes an event: file, function, name of the type."""


@dataclass
class Stage:
    """A provider, its operator, and everything that the audit log was told."""

    provider: Provider
    told: list[tuple[Event, set[Site]]] = field(default_factory=list)

    def idp(self, *words: str, typed: str | None = None) -> str:
        return Installation(self.provider.directory).done(*words, typed=typed)

    def change(self, statement: str) -> None:
        """What only the database's owner can do."""
        with closing(sqlite3.connect(self.provider.directory / "idp.db")) as database, database:
            database.execute(statement)

    def count(self, table: str) -> int:
        return int(self.provider.scalar(f"SELECT count(*) FROM {table}"))

    def the(self, column: str, of: str) -> str:
        """The newest row's."""
        return str(self.provider.scalar(f"SELECT {column} FROM {of} ORDER BY id DESC LIMIT 1"))

    @property
    def person(self) -> str:
        return self.the("id", "people")

    @property
    def order(self) -> str:
        return self.the("id", "bankid_orders")

    @property
    def customer(self) -> str:
        return str(self.provider.scalar("SELECT customer_id FROM customer_numbers WHERE number = '10012345'"))


Story = Callable[[Stage], Iterable[Event]]
STORIES: list[Story] = []


def story(tell: Story) -> Story:
    """A story acts on the stage, and gives the events that must have been told, as they happen."""
    STORIES.append(tell)
    return tell


def _id(browser: Browser) -> str:
    return browser.base.rpartition("/")[2]


@story
def a_first_login(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize().start()
    login, client = _id(browser), {"client_id": "minasidor", "interaction_id": _id(browser)}
    yield events.BankIdWanted(identification_id=login, order_id=on.order, launch="qr", reason="no_session")

    _approve(on, browser)
    unknown = on.the("id", "authentications")
    yield events.EvidenceRejected(reference=on.order, reason="text stands outside of elements")
    sealed = {"reference": on.the("id", "evidence"), "sha256": on.the("sha256", "evidence")}
    yield events.EvidenceSealed(person_id=None, kind="login", **sealed)
    believed = {"method": "bankid", "verdict": "allow", "decided_by": "risk_low"}
    yield events.LoginIdentified(person_id=None, authentication_id=unknown, **believed, **client)
    yield events.StepRequired(person_id=None, step="link", reason="unknown_person", **client)

    browser.link("10012345", "1234")
    yield events.LinkRefused(person_id=None, **client, **_guess(on))
    browser.link()
    yield events.LinkProved(person_id=None, customer_id=on.customer, **client)
    yield events.StepRequired(person_id=None, step="register", reason="no_contact_details", **client)

    browser.register()
    person = on.person
    yield events.AccountRegistered(person_id=person, authentication_id=unknown)
    yield events.LinkMade(person_id=person, customer_id=on.customer)
    yield events.StepRequired(person_id=person, step="again", reason="just_registered", **client)

    on.provider.clock.advance(seconds=5)
    browser.start()
    yield events.BankIdWanted(identification_id=login, order_id=on.order, launch="qr", reason="just_registered")
    _approve(on, browser)
    known, session = on.the("id", "authentications"), on.the("id", "sessions")
    hashed = str(on.provider.scalar("SELECT browser_hash FROM interactions"))
    yield events.LoginIdentified(person_id=person, authentication_id=known, **believed, **client)
    yield events.SessionStarted(person_id=person, session_id=session, browser=hashed[:16])
    yield events.LoginAnswered(person_id=person, grant_id=on.the("id", "grants"), authentication_id=known, **client)


@story
def too_many_wrong_numbers(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize().identify()
    for serial in range(6):
        browser.get(f"{browser.base}/link").link(f"1001234{serial}", an_organisation_number(serial))
    assert browser.status == 429
    yield events.LinkPaused(
        person_id=None, client_id="minasidor", interaction_id=_id(browser), **_guess(on, "person-paused")
    )


@story
def a_company_that_is_probed(on: Stage) -> Iterator[Event]:
    with restarted(on.provider, linking={"company_four_digits_per_year": 1}) as limited:
        limited.browser().authorize().identify().link("10012345", "1234")
    yield link_events.LinkingAlarm(alarm="company-probed", **_guess(on))


@story
def a_code_from_the_contact_on_file(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    with restarted(on.provider, linking={"second_person": SecondPerson.CONTACT}) as provider:
        browser = provider.browser().authorize().identify(BO)
        login: Any = {"person_id": None, "client_id": "minasidor", "interaction_id": _id(browser)}
        browser.link()
        yield link_events.SecondProofWanted(customer_id=on.customer, policy="contact", **login)
        _write_to_the_contact(on)
        browser.get(browser.base).submit("/contact_code/send")
        yield link_events.ContactCodeSent(customer_id=on.customer, **login)
        browser.submit("/contact_code", code="000000")
        yield link_events.ContactCodeRefused(**login)


@story
def an_approval_and_a_refusal(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    anna = on.person
    with restarted(on.provider, linking={"second_person": SecondPerson.APPROVE}) as provider:
        for choice, event in (("refuse", link_events.AccessRefused), ("approve", link_events.AccessApproved)):
            browser = provider.browser().authorize().identify(BO)
            login: Any = {"person_id": None, "client_id": "minasidor", "interaction_id": _id(browser)}
            browser.link().submit("/approval", email="bo@example.se")
            yield link_events.ApprovalAsked(customer_id=on.customer, **login)
            page = f"/approvals/{on.the('id', 'approvals')}"
            provider.browser().get(f"{page}/log-in").identify(ANNA).submit(page, answer=choice)
            approval = {"customer_id": on.customer, "approval_id": on.the("id", "approvals")}
            yield event(person_id=anna, **approval)
            provider.clock.advance(days=7)


@story
def two_invitations(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    on.idp("customers", "invite", "10012345", "bo@example.se", "--case", "K-17")
    case = {"operator": getuser(), "case_id": "K-17"}
    yield link_events.PersonInvited(
        person_id=None, customer_id=on.customer, invitation_id=on.the("id", "invitations"), **case
    )
    with on.provider.parts.database.unit_of_work():
        anna = on.provider.parts.store.people.find(on.person)
        assert anna is not None
        on.provider.parts.accounts.invite.by_person(
            anna, on.customer, Email.parse("bo@example.se"), on.provider.clock() + timedelta(days=1)
        )
    theirs = str(on.provider.scalar("SELECT id FROM invitations WHERE invited_by IS NOT NULL"))
    yield link_events.PersonInvited(person_id=on.person, customer_id=on.customer, invitation_id=theirs)


def _write_to_the_contact(on: Stage) -> None:
    company = a_registered_customer("10012345", email="info@bolaget.example")
    with on.provider.parts.database.unit_of_work():
        fill_register(on.provider.parts.store.register, [company], on.provider.clock())


@story
def leaving(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize()
    login = _id(browser)
    browser.post(f"{browser.base}/leave", csrf_token=_csrf(browser))
    assert browser.answer["error"] == "access_denied"
    yield events.LoginLeft(client_id="minasidor", interaction_id=login)


@story
def giving_an_order_up(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize().start()
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    yield events.BankIdCancelled(identification_id=_id(browser))


@story
def the_app_returns_to_another_browser(on: Stage) -> Iterator[Event]:
    attacker = on.provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    returned = urlsplit(on.provider.bankid.requests[-1].return_url or "")
    on.provider.browser(**{"User-Agent": IPHONE}).get(f"{returned.path}?{returned.query}")
    yield events.FixationSuspected(identification_id=_id(attacker))


@story
def an_identification_that_is_too_risky(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize().start()
    _approve(on, browser, Risk.HIGH)
    yield events.LoginRejected(
        interaction_id=_id(browser), reason="transactionRiskBlocked", reference=on.order, decided_by="risk_high"
    )


@story
def somebody_else_logs_in_after_registering(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize().identify().link().register()
    on.provider.clock.advance(seconds=5)
    browser.identify(BO)
    yield events.LoginRejected(interaction_id=_id(browser), reason="otherPerson", reference=on.order)


@story
def somebody_registers_in_anothers_browser(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().first_login()
    anna, session = on.person, on.the("id", "sessions")
    browser.get("/").authorize("minasidor", prompt="login").identify(BO).link().register()
    yield events.SessionEnded(person_id=anna, session_id=session, reason="registered")


@story
def a_consent_allowed_and_withdrawn(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize("partner", scope="openid email").identify()
    client = {"person_id": on.person, "client_id": "partner"}
    yield events.StepRequired(interaction_id=_id(browser), step="consent", reason="scopes_missing", **client)
    browser.submit("/consent", answer="allow")
    yield events.ConsentAllowed(scope=("email", "openid"), **client)
    on.idp("consents", "withdraw", on.person, "partner")
    yield events.ConsentWithdrawn(operator=getuser(), **client)


@story
def a_consent_denied(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().authorize("partner", scope="openid email").identify()
    login = _id(browser)
    browser.submit("/consent", answer="deny")
    yield events.ConsentDenied(person_id=on.person, client_id="partner", interaction_id=login)


@story
def a_code_presented_twice(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().first_login()
    assert [browser.redeem().status_code, browser.redeem().status_code] == [200, 400]
    yield events.CodeReplayed(client_id="minasidor", grant_id=on.the("id", "grants"))


@story
def an_old_refresh_token(on: Stage) -> Iterator[Event]:
    browser = press_continue(on.provider.browser().first_login("mittprezero", scope="openid offline_access"))
    party = RelyingParty(on.provider, "mittprezero")
    first = party.post("/token", {**party.credentials, **browser.code_form()}).get_json()["refresh_token"]
    party.refresh(first)
    on.provider.clock.advance(seconds=120)
    assert party.refresh(first).status_code == 400
    yield events.RefreshTokenReused(
        person_id=on.person, client_id="mittprezero", grant_id=on.the("id", "grants"), generation=0
    )


@story
def a_token_given_back(on: Stage) -> Iterator[Event]:
    token = on.provider.browser().first_login().redeem().get_json()["access_token"]
    RelyingParty(on.provider).call("/revoke", token=token)
    yield events.GrantRevoked(
        person_id=on.person, client_id="minasidor", grant_id=on.the("id", "grants"), reason="revoked_by_client"
    )


@story
def a_login_with_another_browser_disowned(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    person, keys = on.person, on.provider.parts.keys.reference_tokens
    with on.provider.app.app_context(), on.provider.parts.database.unit_of_work():
        on.provider.parts.store.people.confirm_email(person, "anna@example.se", on.provider.clock())
    on.provider.browser().authorize().identify()
    yield events.LoginTold(person_id=person, session_id=on.the("id", "sessions"), reason="new_device")
    in_time = on.provider.clock() + timedelta(hours=1)
    proof = keys.device_proof_for(DeviceProof(device_id=on.the("id", "known_devices"), expires_at=in_time))
    browser = on.provider.browser().get(f"/not-me?proof={proof}").submit("/not-me")
    case_id = browser.path.rpartition("case=")[2]
    yield events.LoginDisowned(person_id=person, case_id=case_id, sessions_ended=2, grants_revoked=0)


@story
def a_wrong_company_taken_back(on: Stage) -> Iterator[Event]:
    browser = on.provider.browser().first_login()
    on.provider.clock.advance(days=1)
    browser.get("/").authorize(customer="new").identify().link("10012346", "7569").submit("/new_customer/take_back")
    yield events.LinkLeft(person_id=on.person, customer_id=on.the("customer_id", "links"))


@story
def an_address_confirmed(on: Stage) -> Iterator[Event]:
    browser, in_time = on.provider.browser().first_login(), on.provider.clock() + timedelta(hours=1)
    proof = AddressProof(person_id=on.person, address="anna@example.se", expires_at=in_time)
    browser.get(f"/confirm-email?proof={on.provider.parts.keys.reference_tokens.address_proof_for(proof)}")
    browser.submit("/confirm-email")
    yield events.EmailConfirmed(person_id=on.person)


@story
def a_support_desk(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    person, session = on.person, on.the("id", "sessions")
    on.idp("people", "find", "anna@example.se", "--full")
    yield events.PersonShown(person_id=person, operator=getuser())
    on.idp("people", "block", person, "--reason", "stolen")
    yield events.SessionEnded(person_id=person, session_id=session, reason="blocked")
    yield events.PersonBlocked(person_id=person, operator=getuser(), reason="stolen")
    on.idp("people", "unblock", person)
    yield events.PersonUnblocked(person_id=person, operator=getuser())
    on.idp("linking", "unlock", "10012345", "company-four-digits", "--case", "K-17")
    yield events.LinkUnlocked(
        customer_id=on.customer,
        person_id=None,
        guesser=None,
        tries="company-four-digits",
        operator=getuser(),
        asked_first_by=None,
        case_id="K-17",
    )
    ended = {"person_id": person, "customer_id": on.customer, "operator": getuser()}
    on.idp("people", "unlink", person, "10012345", "--keep-out", "--reason", "left")
    yield events.LinkSuspended(reason="left", **ended)
    assert on.provider.browser().authorize().identify().link().status == 403
    yield events.LinkShutOut(person_id=person, customer_id=on.customer)
    on.idp("people", "unlink", person, "10012345")
    yield events.LinkEnded(reason="support", **ended)
    on.idp("people", "export", person, str(on.provider.directory / "export.json"), "--case", "K-18")
    yield events.PersonExported(person_id=person, operator=getuser(), case_id="K-18")
    on.idp("people", "erase", person, "--case", "K-18", typed="y\n")
    yield events.PersonErased(person_id=person, operator=getuser(), case_id="K-18")
    on.provider.browser().first_login()
    with on.provider.parts.database.unit_of_work():
        assert PersonKeys.destroy(on.person)
    on.idp("people", "finish-erasures", "--case", "K-19", typed="y\n")
    yield events.PersonErased(person_id=on.person, operator=getuser(), case_id="K-19")


@story
def a_link_frozen(on: Stage) -> Iterator[Event]:
    with unit_of_work(on.provider.app):
        company = a_registered_customer("10012345", email="info@bolaget.se")
        fill_register(on.provider.parts.store.register, [company], on.provider.clock())
    on.provider.browser().first_login()
    with unit_of_work(on.provider.app):
        now = on.provider.clock()
        messages = on.provider.parts.store.outbox.lease_due("test", now, now, 99)
    [secret] = [message.payload["freeze"] for message in messages if message.kind == "mail.new_user"]
    on.provider.browser().get(f"/freeze?proof={secret}").submit("/freeze")
    reference = str(on.provider.scalar("SELECT reference FROM freeze_secrets"))
    yield link_events.LinkFrozen(
        person_id=on.person, customer_id=on.customer, told="contact_on_file", reference=reference
    )


@story
def evidence_looked_at(on: Stage) -> Iterator[Event]:
    on.provider.browser().authorize("partner", scope="openid email").identify().submit("/consent", answer="allow")
    consent = str(on.provider.scalar("SELECT id FROM evidence WHERE kind = 'consent'"))
    desk = Installation(on.provider.directory)
    assert desk.run("evidence", "show", consent).exit_code == 2  # scripted signatures prove nothing
    yield operator_events.EvidenceShown(person_id=on.person, reference=consent, operator=getuser(), unmasked=False)
    assert desk.run("evidence", "verify", "--all").exit_code == 2
    yield operator_events.EvidenceVerified(operator=getuser(), bundles=2, refused=2)
    on.idp("evidence", "export", str(on.provider.directory / "evidence.txt"), "--person", on.person)
    yield operator_events.EvidenceExported(operator=getuser(), bundles=2, person_id=on.person)


@story
def customers_imported(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    person, customer = on.person, on.customer
    file = on.provider.directory / "customers.csv"
    lines = ("10012345;559904-1125;Nya bolaget AB;Malmö", "1;556016-0680;X;Y")
    file.write_text("\n".join(["Kundnummer;Organisationsnummer;Företag;Ort", *lines]), encoding="utf-8")
    command = ("customers", "import", str(file), "--yes", "--allow-moved")
    assert Installation(on.provider.directory).run(*command).exit_code != 2
    moved = {"operator": getuser(), "reason": "number_moved"}
    yield events.LinkEnded(person_id=person, customer_id=customer, **moved)
    yield events.CustomersImported(operator=getuser(), new=1, changed=1, closed=1, moved=1, refused=1)


@story
def a_secret_that_is_rotated(on: Stage) -> Iterator[Event]:
    parts, by = on.provider.parts, {"operator": "olle", "kind": "tokens"}
    with parts.database.unit_of_work():
        parts.rotation.new("tokens", on.provider.clock(), used_after=timedelta(0), operator="olle")
    yield operator_events.SecretAdded(version=2, **by)
    on.provider.clock.advance(minutes=2)
    with parts.database.unit_of_work():
        parts.rotation.retire("tokens", 1, on.provider.clock(), operator="olle")
    yield operator_events.SecretRetired(version=1, given_up=(), **by)


@story
def an_audit_log_that_was_bent(on: Stage) -> Iterator[Event]:
    on.provider.browser().first_login()
    on.idp("audit", "seal")
    on.change("UPDATE audit SET facts = '{}' WHERE event = 'account.registered'")
    on.idp("audit", "begin-again", "--case", "7")
    [event] = [event for event, _ in on.told if isinstance(event, operator_events.AuditBegunAgain)]
    yield replace(event, operator=getuser(), case_id="7", deleted=1)


@story
def a_client_that_registers_itself(on: Stage) -> Iterator[Event]:
    http = on.provider.app.test_client(use_cookies=False)

    def send(method: str, path: str, token: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return http.open(path, method=method, json=members(**body), headers=headers, base_url=ISSUER).get_json()

    secret = on.idp("clients", "token", "new", "Partner").split()[-1]
    initial = on.the("id", "initial_tokens")
    yield client_events.InitialTokenIssued(initial_token_id=initial, operator=getuser(), uses=1)
    send("POST", "/register", secret, redirect_uris=["http://rp.example/cb"])
    yield client_events.ClientRegistrationRefused(initial_token_id=initial, member="redirect_uris")
    told = send("POST", "/register", secret)
    client = {"client_id": told["client_id"], "initial_token_id": initial, "security_profile": "third_party"}
    yield client_events.ClientRegistered(**client)
    manage = (f"/register/{told['client_id']}", told["registration_access_token"])
    send("PUT", *manage, client_id=told["client_id"], client_name="Nytt namn")
    yield client_events.ClientChanged(secret_issued=False, **client)
    send("PUT", *manage, client_id=told["client_id"], redirect_uris=[])
    yield client_events.ClientChangeRefused(client_id=told["client_id"], member="redirect_uris")
    http.delete(manage[0], headers={"Authorization": f"Bearer {manage[1]}"}, base_url=ISSUER)
    yield client_events.ClientDeleted(grants_revoked=0, consents_withdrawn=0, **client)
    on.idp("clients", "token", "revoke", initial)
    yield client_events.InitialTokenRevoked(initial_token_id=initial, operator=getuser())


def _approve(on: Stage, browser: Browser, risk: Risk = Risk.LOW) -> None:
    on.provider.clock.advance(seconds=3)
    on.provider.bankid.approve(ANNA, risk=risk)
    on.provider.collect()
    browser.get(browser.base)


def _guess(on: Stage, result: str = "mismatch") -> dict[str, str]:
    """The only try that ended so."""
    where = f"FROM link_attempts WHERE result = '{result}'"
    guesser = bytes(on.provider.scalar(f"SELECT identity_hash {where}"))
    return {"guesser": guesser[:11].hex(), "reference": str(on.provider.scalar(f"SELECT reference {where}"))}


def _csrf(browser: Browser) -> str:
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_every_event_is_told_by_a_story(
    subtests: pytest.Subtests,
    sqlite_template: Path,
    provider_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    types: set[type[Event]] = set()
    reached: set[Site] = set()
    for tell in STORIES:
        with (
            subtests.test(tell.__name__),
            monkeypatch.context() as patch,
            _stage(tmp_path / tell.__name__, provider_files, sqlite_template, patch) as stage,
        ):
            for expected in tell(stage):
                sites = [sites for event, sites in stage.told if event == expected]
                assert sites, f"{expected} is not among {[event for event, _ in stage.told]}"
                types.add(type(expected))
                reached.update(*sites)
    with subtests.test("every type of event has a story"):
        assert {each.name for each in set(events.EVENTS.values()) - types} == set()
    with subtests.test("a story goes through every place that records"):
        assert sorted(_sites() - reached) == []


@contextmanager
def _stage(directory: Path, provider_files: Path, sqlite_template: Path, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    shutil.copytree(provider_files, directory)
    shutil.copy(sqlite_template, directory / "idp.db")
    text = SETTINGS.format(database_url=f"sqlite:///{directory / 'idp.db'}")
    (directory / "idp.toml").write_text(text + REGISTRATION, encoding="utf-8")
    places = _sites()
    told: list[tuple[Event, set[Site]]] = []
    record = DatabaseAudit.record

    def record_and_note(audit: DatabaseAudit, event: Event, now: datetime) -> None:
        told.append((event, {site for site in _callers(event, inspect.currentframe()) if site in places}))
        record(audit, event, now)

    patch.setattr(DatabaseAudit, "record", record_and_note)
    with contextmanager(run_provider)(directory) as provider:
        yield Stage(provider, told)


def _callers(event: Event, frame: FrameType | None) -> Iterator[Site]:
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PRODUCT):
            yield file.relative_to(PRODUCT).as_posix(), frame.f_code.co_name, type(event).__name__
        frame = frame.f_back


@cache
def _sites() -> frozenset[Site]:
    """Every function of the product that names a type of event; a helper that only builds one is called by its recorder."""
    names = {each.__name__ for each in events.EVENTS.values()}
    return frozenset(_uses_of(names))


def _uses_of(names: set[str]) -> Iterator[Site]:
    for path in sorted(PRODUCT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & names
                yield from ((path.relative_to(PRODUCT).as_posix(), function.name, name) for name in used)
