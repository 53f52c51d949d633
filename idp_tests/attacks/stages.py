"""Stages: browsers that stand at each page of the sign-in, with an honest form ready to be sent or spoilt."""

import html
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import interactions
from idp.core.identification.bankid.api import User
from idp.core.ids import new_id
from idp.core.linking.approval import Approval
from idp.core.linking.invitation import Invitation
from idp.core.oidc.keys.reference_tokens import AddressProof, DeviceProof
from idp_tests.attacks.target import Target
from idp_tests.browser import Browser
from idp_tests.builders import an_identity, an_organisation_number
from idp_tests.provider import ISSUER
from idp_tests.scripted_bankid import ANNA, BO

CLARA = User(personal_number="198001019804", name="Clara Claesson", given_name="Clara", surname="Claesson")


_numbers = itertools.count(1)


def stranger() -> User:
    """A person whom nobody has met before; 980 to 999 are the numbers that are given to nobody."""
    serial, day_of_year = divmod(next(_numbers), 336)
    month, day = divmod(day_of_year, 28)
    body = f"70{month + 1:02}{day + 1:02}{980 + serial:03}"
    products = [int(digit) * (2 - place % 2) for place, digit in enumerate(body)]
    check = -sum(product // 10 + product % 10 for product in products) % 10
    return User(personal_number=f"19{body}{check}", name="Test Testsson", given_name="Test", surname="Testsson")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A page with a form: where it is sent, and what an honest person would send."""

    browser: Browser
    action: str
    fields: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.fields["csrf_token"]

    def send(
        self,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        client: Any = None,
        **more: Any,
    ) -> Any:
        """Send the form by its own browser, or by another client; without following where it leads."""
        sent = dict(self.fields if fields is None else fields)
        body = {"data": sent} if not {"data", "json"} & more.keys() else {}
        return (client or self.browser.client).post(
            self.action, headers={**self.browser.headers, **(headers or {})}, base_url=ISSUER, **body, **more
        )


def stage(browser: Browser, ending: str, **fields: str) -> Stage:
    """The form of the page whose action ends like this, filled in."""
    for action, body in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', browser.page, re.DOTALL):
        if action.endswith(ending):
            hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body))
            return Stage(browser=browser, action=html.unescape(action), fields=hidden | fields)
    raise AssertionError(f"no form to {ending} at {browser.path}")


class Stages:
    """Each is made once per file: no blow moves it on."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.provider = target.provider

    def named(self, name: str) -> Stage:
        made: Mapping[str, Callable[[], Stage]] = {
            "start": lambda: self.start,
            "cancel": lambda: self.cancel,
            "leave": lambda: self.leave,
            "stay": lambda: self.stay,
            "link": lambda: self.link,
            "register": lambda: self.register,
            "again": lambda: self.again,
            "choose": lambda: self.choose,
            "consent": lambda: self.consent,
            "logout": lambda: self.logout,
            "confirm": lambda: self.confirm,
            "send_code": lambda: self.send_code,
            "code": lambda: self.code,
            "identify_again": lambda: self.identify_again,
            "disown": lambda: self.disown,
            "ask": lambda: self.ask,
            "answer": lambda: self.answer,
            "freeze": lambda: self.freeze,
            "ask_new": lambda: self.ask_new,
            "decline_new": lambda: self.decline_new,
            "take_back": lambda: self.take_back,
            "invited": lambda: self.invited,
        }
        return made[name]()

    @cached_property
    def start(self) -> Stage:
        return stage(self.provider.browser().authorize(), "/bankid/start", launch="qr")

    @cached_property
    def cancel(self) -> Stage:
        return stage(self.provider.browser().authorize(), "/bankid/cancel")

    @cached_property
    def leave(self) -> Stage:
        browser = self.provider.browser().authorize()
        browser.submit("/bankid/cancel")
        return stage(browser, "/leave")

    @cached_property
    def stay(self) -> Stage:
        """No form of a page: its script sends the page's token when the person says that more time is needed."""
        browser = self.provider.browser().authorize().identify(stranger())
        return Stage(
            browser=browser, action=f"{browser.base}/stay", fields={"csrf_token": stage(browser, "/link").token}
        )

    @cached_property
    def identify_again(self) -> Stage:
        """Shown where an identification is not worth a link, and taken from everybody who is identified."""
        browser = self.provider.browser().authorize().identify(stranger())
        token = stage(browser, "/link").token
        return Stage(browser=browser, action=f"{browser.base}/identify_again", fields={"csrf_token": token})

    @cached_property
    def link(self) -> Stage:
        browser = self.provider.browser().authorize().identify(BO)
        return stage(browser, "/link", customer_number="10012345", last_four="0680")

    def _paused(self) -> Browser:
        """Somebody whose whole organisation numbers are not looked at any more, at a number that nobody has."""
        browser = self.provider.browser().authorize().identify(stranger())
        for serial in range(4):
            browser.get(f"{browser.base}/link").submit(
                "/link", customer_number="99999998", last_four=an_organisation_number(serial)
            )
        return browser

    @cached_property
    def send_code(self) -> Stage:
        return stage(self._paused(), "/contact_code/send")

    @cached_property
    def code(self) -> Stage:
        return stage(self._paused().submit("/contact_code/send"), "/contact_code", code="000000")

    @cached_property
    def ask(self) -> Stage:
        """Somebody whose right claim waits for the word of a linked person."""
        browser = self.provider.browser().authorize().identify(stranger())
        waiting = {
            "linked_at": self.provider.clock(),
            "linked_customer_id": self._exempelbolaget,
            "linked_number": "10012345",
            "linked_assurance": "legacy_knowledge",
            "linked_waits_for": "approve",
        }
        with self.provider.parts.database.unit_of_work():
            its_own = interactions.c.id == browser.base.rpartition("/")[2]
            connection().execute(interactions.update().where(its_own).values(waiting))
        return stage(browser.get(browser.base), "/approval", email="clara@example.se")

    @cached_property
    def answer(self) -> Stage:
        """Anna, asked whether somebody may be let into her company."""
        assert self.target.anna.client is not None
        now = self.provider.clock()
        asked = Approval(
            id=new_id(now),
            customer_id=self._exempelbolaget,
            number="10012345",
            asker_name="Clara Claesson",
            asker_email="clara@example.se",
            asked_at=now,
            expires_at=now + timedelta(days=7),
        )
        with self.provider.parts.database.unit_of_work():
            self.provider.parts.store.approvals.ask(asked, an_identity("198001019804"), now)
        browser = self.provider.browser().get(f"/approvals/{asked.id}/log-in").identify(ANNA)
        return stage(browser, f"/approvals/{asked.id}", answer="approve")

    @cached_property
    def invited(self) -> Stage:
        """The page behind the link of an invitation, which any browser may open."""
        given = Invitation(
            id=new_id(self.provider.clock()),
            customer_id=self._exempelbolaget,
            number="10012345",
            customer_name="Exempelbolaget AB",
            email="clara@example.se",
            inviter_id=None,
            inviter_name=None,
            invited_at=self.provider.clock(),
            expires_at=self.provider.clock() + timedelta(days=7),
        )
        with self.provider.parts.database.unit_of_work():
            self.provider.parts.store.invitations.put(given, "s" * 43)
        return stage(self.provider.browser().get(f"/invitation?proof={'s' * 43}"), "/invitation")

    @property
    def _exempelbolaget(self) -> str:
        return str(self.provider.scalar("SELECT customer_id FROM customer_numbers WHERE number = '10012345'"))

    @cached_property
    def register(self) -> Stage:
        browser = self.provider.browser().authorize().identify(BO).link("10012346", "7569")
        return stage(browser, "/register", name="Tolvan Tolvansson", phone="070-174 06 05", email="tolvan@example.se")

    @cached_property
    def again(self) -> Stage:
        browser = self.provider.browser().authorize().identify(CLARA).link("10012346", "7569")
        browser.register(name="Clara Claesson", email="clara@example.se")
        assert browser.step == "again"
        return stage(browser, "/bankid/start", launch="qr")

    @cached_property
    def choose(self) -> Stage:
        """Anna with two companies."""
        assert self.target.anna.client is not None
        self.provider.clock.advance(seconds=1)
        person_id = self.provider.scalar("SELECT person_id FROM sessions ORDER BY started_at LIMIT 1")
        other = self.provider.scalar("SELECT customer_id FROM customer_numbers WHERE number = '10012346'")
        with self.provider.app.app_context():
            from idp.adapters.database.engine import unit_of_work
            from idp.core.people.person import LinkAssurance

            with unit_of_work():
                self.provider.parts.store.links.link(
                    person_id,
                    other,
                    "10012346",
                    LinkAssurance.LEGACY_KNOWLEDGE,
                    self.provider.clock(),
                    fresh_until=self.provider.clock(),
                )
        browser = self.target.anna.authorize()
        assert browser.step == "choose", browser.path
        return stage(browser, "/choose", customer=other)

    @cached_property
    def _settled(self) -> Browser:
        """Somebody with a company, whose browser has a session; less than a minute old, so that no page notes its use."""
        browser = self.provider.browser().first_login(user=stranger())
        self.provider.clock.advance(seconds=1)
        return browser

    @cached_property
    def ask_new(self) -> Stage:
        return stage(self._settled.get("/").authorize(prompt="select_account"), "/new_customer/ask")

    @cached_property
    def decline_new(self) -> Stage:
        return stage(self._settled.get("/").authorize(customer="new"), "/new_customer/decline")

    @cached_property
    def take_back(self) -> Stage:
        """By somebody else, because the session ends with it that gave tokens for the company."""
        browser = self.provider.browser().first_login(user=stranger())
        return stage(browser.get("/").authorize(prompt="select_account"), "/new_customer/take_back")

    @cached_property
    def consent(self) -> Stage:
        browser = self.provider.browser().authorize("partner", scope="openid email").identify(ANNA)
        assert browser.step == "consent", browser.path
        return stage(browser, "/consent", answer="allow")

    @cached_property
    def logout(self) -> Stage:
        assert self.target.anna.client is not None
        browser = self.target.anna.get("/logout")
        return stage(browser, "/logout/answer", answer="logout")

    @cached_property
    def confirm(self) -> Stage:
        """The page behind the link in Anna's letter, which any browser may open."""
        assert self.target.anna.client is not None
        proof = self.provider.parts.keys.reference_tokens.address_proof_for(
            AddressProof(
                person_id=self.provider.scalar("SELECT person_id FROM sessions ORDER BY started_at LIMIT 1"),
                address="anna@example.se",
                expires_at=self.provider.clock() + timedelta(days=1),
            )
        )
        return stage(self.provider.browser().get(f"/confirm-email?proof={proof}"), "/confirm-email")

    @cached_property
    def disown(self) -> Stage:
        """The page behind the link in a letter about somebody's login."""
        self.provider.browser().first_login(user=stranger())
        proof = self.provider.parts.keys.reference_tokens.device_proof_for(
            DeviceProof(
                device_id=self.provider.scalar("SELECT id FROM known_devices ORDER BY id DESC LIMIT 1"),
                expires_at=self.provider.clock() + timedelta(days=1),
            )
        )
        return stage(self.provider.browser().get(f"/not-me?proof={proof}"), "/not-me")

    @cached_property
    def freeze(self) -> Stage:
        """The page behind the link in a notice of a new user."""
        self.provider.browser().first_login(user=stranger())
        with self.provider.app.app_context():
            from idp.adapters.database.engine import connection, unit_of_work
            from idp.adapters.database.tables import links
            from idp.core.linking.freeze_secrets import Held

            with unit_of_work():
                newest = connection().execute(links.select().order_by(links.c.id.desc()).limit(1)).one()
                held = Held(
                    person_id=newest.person_id,
                    customer_id=newest.customer_id,
                    linked_at=newest.linked_at,
                    told="contact_on_file",
                )
                now = self.provider.clock()
                proof = self.provider.parts.store.freeze_secrets.give_out(held, now, until=now + timedelta(days=1))
        return stage(self.provider.browser().get(f"/freeze?proof={proof}"), "/freeze")
