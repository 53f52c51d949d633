"""A start link that an attacker sends to a victim: more than a thousand attacks, and honest people over the same matrix.

`pytest -s` prints two tables: sessions that attackers got, and honest people who got in at the first try. Each row runs the
product's own decisions; around them stand a BankID app that opens the return URL in the device's default browser, or in the
one whose scheme it is, and a page that waits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from itertools import product
from typing import Final

from idp.core.identification.bankid.api import Risk
from idp.core.identification.bankid.launch import Platform, read_browser
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.identification.bankid.risk_policy import decide
from idp.core.identification.bankid.start_order import BankIdStartRequest, OrderPolicy, Visitor, order_for
from idp.core.identification.bankid.trust import TrustPolicy, see
from idp.core.identification.caller_address import CallerAddress, KnownAddress, UnknownAddress
from idp.core.identification.method import Identification
from idp.core.identification.verdict import Verdict
from idp_tests.builders import NOW, a_completion, a_risk_policy

_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
_ANDROID = "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
AGENTS: Final[Mapping[str, str]] = {
    "iOS Safari": _IPHONE + "Version/18.3 Mobile/15E148 Safari/604.1",
    "iOS Chrome": _IPHONE + "CriOS/133.0.6943.33 Mobile/15E148 Safari/604.1",
    "iOS Firefox": _IPHONE + "FxiOS/135.0 Mobile/15E148 Safari/605.1.15",
    "iOS Opera": _IPHONE + "Version/18.3 Mobile/15E148 Safari/604.1 OPT/5.2.0",
    "iOS Edge": _IPHONE + "Version/18.0 EdgiOS/133.0.3065.39 Mobile/15E148 Safari/604.1",
    "iOS DuckDuckGo": _IPHONE + "Version/18.3 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    "iOS other": _IPHONE + "Mobile/15E148 Safari/604.1",
    "Android Chrome": _ANDROID + "Chrome/133.0.0.0 Mobile Safari/537.36",
    "Android Samsung": _ANDROID + "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
    "Android Firefox": "Mozilla/5.0 (Android 15; Mobile; rv:135.0) Gecko/135.0 Firefox/135.0",
    "Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/133.0.0.0 Safari/537.36",
    "Mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.3 Safari/605.1.15",
    "no user agent": "",
}
CLIENTS: Final = ("web", "app", "app with return")
"""An order is the same for each of them: an app is brought to the front by our own return page, not by the return URL."""
RISKS: Final = (Risk.LOW, Risk.MODERATE, Risk.HIGH, None)
FOUR, OTHER_FOUR = "198.51.100.7", "203.0.113.9"
SIX, NEIGHBOUR, OTHER_SIX = "2001:db8::7", "2001:db8::8", "2001:db8:0:1::9"
POLICY = OrderPolicy(
    issuer="https://id.example",
    launch_url="https://app.bankid.com/",
    kinds=frozenset(),
    pin_code=False,
    same_address_suffices=True,
)
TRUST = TrustPolicy(risk=a_risk_policy(), evidence_required=False)


@dataclass(frozen=True, kw_only=True)
class Network:
    """How browser and app are seen: by us, by a probe of ours, and by BankID."""

    name: str
    browser: str | None
    """None where a proxy hides it."""
    app: str
    proved: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        return self.app in {self.browser, *self.proved}


NETWORKS: Final = (
    Network(name="the same IPv4 address", browser=FOUR, app=FOUR),
    Network(name="the same IPv6 address", browser=SIX, app=SIX),
    Network(name="the same IPv4 address, by a probe", browser=SIX, app=FOUR, proved=(FOUR,)),
    Network(name="another device of one IPv6 network", browser=SIX, app=NEIGHBOUR),
    Network(name="elsewhere, both IPv4", browser=FOUR, app=OTHER_FOUR),
    Network(name="elsewhere, both IPv6", browser=SIX, app=OTHER_SIX),
    Network(name="IPv6 here, IPv4 there", browser=SIX, app=OTHER_FOUR),
    Network(name="IPv4 here, IPv6 there", browser=FOUR, app=SIX),
    Network(name="elsewhere, with a probe of his own", browser=SIX, app=OTHER_FOUR, proved=(FOUR,)),
    Network(name="behind a proxy that cannot be read", browser=None, app=FOUR),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One login on the same device."""

    agent: str
    network: Network
    risk: Risk | None
    client: str

    @property
    def is_on_a_computer(self) -> bool:
        return read_browser(AGENTS[self.agent]).platform is Platform.COMPUTER


def cases() -> Iterator[Case]:
    for agent, network, risk, client in product(AGENTS, NETWORKS, RISKS, CLIENTS):
        yield Case(agent=agent, network=network, risk=risk, client=client)


def started(case: Case, policy: OrderPolicy) -> WantedOrder:
    address: CallerAddress = (
        UnknownAddress(ip_address("10.0.0.1"), "unknown")
        if case.network.browser is None
        else KnownAddress(ip_address(case.network.browser))
    )
    visitor = Visitor(
        address=address,
        other_addresses=tuple(map(ip_address, case.network.proved)),
        user_agent=AGENTS[case.agent],
        device_identifier="device",
        browser_hash="browser",
    )
    start_request = BankIdStartRequest(
        launch=Launch.SAME_DEVICE,
        visitor=visitor,
        intention="Logga in",
        back_url="https://id.example/signin/i1/bankid/back",
    )
    return order_for(Identification(id="i1", reason="max_age", binding=b"bound"), start_request, policy, NOW)


def logs_in(wanted: WantedOrder, case: Case, policy: TrustPolicy, *, returned_here: bool) -> bool:
    """Whether the browser that started the order gets a session once the app has approved it."""
    order = Order(
        id=wanted.id,
        identification_id=wanted.identification_id,
        launch=wanted.launch,
        state=OrderState.COMPLETE,
        request=wanted.request,
        wanted_at=wanted.wanted_at,
        restarts=0,
        return_nonce_hash=wanted.return_nonce_hash,
        returned_at=NOW + timedelta(seconds=5) if returned_here and wanted.request.return_url else None,
        completion=a_completion(risk=case.risk, device_ip=case.network.app),
        completed_at=NOW,
    )
    assert order.completion is not None
    return order.is_ready and decide(see(order, order.completion), policy.risk).verdict is not Verdict.REFUSE


def attack(case: Case, *, closed: bool = False) -> bool:
    """The attacker starts, the victim's app approves and comes back to the victim's browser, which has no cookie of his."""
    orders = replace(POLICY, same_address_suffices=not closed)
    wanted = started(case, orders)
    if wanted.launch is Launch.QR:
        return False  # there is no link to send: what a code shows must be scanned within a second
    return logs_in(
        wanted, case, replace(TRUST, risk=a_risk_policy(same_address_suffices=not closed)), returned_here=False
    )


def honest(case: Case, *, is_default_browser: bool) -> bool:
    """Somebody opens the app on the device of the page; the first try alone counts."""
    wanted = started(case, POLICY)
    url = wanted.request.return_url or ""
    returned_here = is_default_browser or not url.startswith("https:")
    return logs_in(wanted, case, TRUST, returned_here=returned_here)


def test_no_attacker_gets_a_session_from_another_network_or_where_the_app_comes_back() -> None:
    got: dict[tuple[str, str], list[bool]] = {}
    closed: dict[tuple[str, str], list[bool]] = {}
    tried = list(cases())
    assert len(tried) >= 1000
    for case in tried:
        row = (case.network.name, "computer, no return" if case.is_on_a_computer else "phone or tablet, return")
        got.setdefault(row, []).append(attack(case))
        closed.setdefault(row, []).append(attack(case, closed=True))
        if got[row][-1]:
            assert case.network.is_shared, "from another network: never"
            assert case.is_on_a_computer, "where a return exists: never"
            assert case.risk is Risk.LOW
    print(f"\n\nAttackers' sessions in {len(tried)} attacks (and with bankid.same_address_suffices = false)\n")
    for (network, place), results in got.items():
        print(f"  {network:40} {place:26} {sum(results):3} of {len(results):3}   ({sum(closed[network, place])})")
    assert not any(any(results) for results in closed.values())


def test_honest_people_get_in_at_the_first_try_wherever_the_app_comes_back() -> None:
    at_home = [network for network in NETWORKS if network.is_shared]
    moving = [network for network in NETWORKS if not network.is_shared]
    shares: dict[str, list[str]] = {}
    for agent, usual in product(AGENTS, (True, False)):
        row = f"{agent}{'' if usual else ', not the default browser'}"
        for networks in (at_home, moving):
            results = [
                honest(case, is_default_browser=usual)
                for case in cases()
                if case.agent == agent and case.network in networks and case.risk is Risk.LOW
            ]
            shares.setdefault(row, []).append(f"{sum(results) / len(results):4.0%}")
    print(
        "\n\nHonest people at low risk who get in at the first try on this device: one address | addresses that differ\n"
    )
    for row, (one, differing) in shares.items():
        print(f"  {row:44} {one} | {differing}")
    everybody = [
        honest(case, is_default_browser=usual) for case in cases() if case.risk is Risk.LOW for usual in (True, False)
    ]
    usual_one = [honest(case, is_default_browser=True) for case in cases() if case.risk is Risk.LOW]
    print(
        f"\n  all rows alike: {sum(everybody) / len(everybody):.0%}; in the default browser: {sum(usual_one) / len(usual_one):.0%}"
    )
    returning = [agent for agent in AGENTS if read_browser(AGENTS[agent]).platform is not Platform.COMPUTER]
    assert all(shares[agent] == ["100%", "100%"] for agent in returning)
    assert all(shares[agent][0] == "100%" for agent in AGENTS)


def test_moderate_or_unknown_risk_keeps_nobody_out_where_the_app_comes_back() -> None:
    for case in cases():
        if not case.is_on_a_computer:
            assert honest(case, is_default_browser=True) is (case.risk is not Risk.HIGH)
