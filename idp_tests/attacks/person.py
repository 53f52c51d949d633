"""A person who holds one of everything that a login gives, and whether each still gives anything."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Self

from idp_tests.attacks.stages import stranger
from idp_tests.browser import Browser
from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty, press_continue

USES = ("authorize", "silence", "code", "refresh", "userinfo", "introspect")


class Person:
    """Somebody with a session, a code, a refresh token and an access token, all of them alive."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.app = RelyingParty(provider, "mittprezero")
        self.portal = RelyingParty(provider)
        self.browser = provider.browser().first_login(user=stranger())
        self.code = self.browser.code_form()
        self.access = self._exchange(self.browser.authorize())
        press_continue(self.browser.authorize("mittprezero", scope="openid offline_access"))
        tokens = self.app.post("/token", {**self.app.credentials, **self.browser.code_form()}).get_json()
        self.refresh = tokens["refresh_token"]

    def _exchange(self, browser: Browser) -> str:
        form = {**self.portal.credentials, **browser.code_form()}
        return str(self.portal.post("/token", form).get_json()["access_token"])

    @property
    def id(self) -> str:
        return str(self.provider.scalar("SELECT person_id FROM grants ORDER BY issued_at DESC, id DESC LIMIT 1"))

    def at(self, node: Provider) -> Self:
        """The same person, whose next requests reach another node."""
        there = copy(self)
        there.provider = node
        there.app, there.portal = RelyingParty(node, "mittprezero"), RelyingParty(node)
        there.browser = node.browser()
        for one in self.browser.client._cookies.values():  # type: ignore[union-attr]
            there.browser.client.set_cookie(one.key, one.value, domain="id.example", secure=True)
        return there

    def works(self, use: str) -> bool:
        """Whether this use of what the person has still gives anything."""
        uses: Mapping[str, Callable[[], bool]] = {
            "authorize": lambda: "code=" in (self.browser.authorize().left_to or ""),
            "silence": lambda: "code=" in (self.browser.authorize(prompt="none").left_to or ""),
            "code": lambda: self.portal.post("/token", {**self.portal.credentials, **self.code}).status_code == 200,
            "refresh": lambda: self.app.refresh(self.refresh).status_code == 200,
            "userinfo": lambda: self.portal.userinfo(self.access).status_code == 200,
            "introspect": lambda: self.portal.call("/introspect", token=self.access).get_json() != {"active": False},
        }
        return uses[use]()
