"""The client and the verifier against the simulator as a separate program: start, scan, approve, collect, verify."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.certificate import RelyingPartyCertificate, load_roots, load_server_roots
from idp.adapters.bankid.client import BankIdClient
from idp.adapters.bankid.evidence import EvidenceRefused, Expected, verify_evidence
from idp.core.identification.bankid.animated_qr import qr_text
from idp.core.identification.bankid.api import Answered, Complete, Completion, Ended, Failed, OrderGone, Pending
from idp.core.identification.bankid.launch import find_return_url, open_link, read_browser
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp_tests.adapters.bankid.blocking_client import BlockingClient
from idp_tests.patience import PATIENCE, soon

ROOT = Path(__file__).parents[3]
BACK = "http://localhost:8000/signin/abc/bankid/back"


@dataclass(frozen=True)
class Simulator:
    """Where the program listens and keeps its files."""

    data: Path
    phone_url: str
    api_url: str

    def act(self, deed: str, **fields: Any) -> dict[str, Any]:
        """Do something on the virtual phone."""
        response = requests.post(f"{self.phone_url}/api/{deed}", json=fields, timeout=PATIENCE)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def certificate(self, name: str) -> RelyingPartyCertificate:
        return RelyingPartyCertificate.load(
            self.data / f"{name}.p12", passphrase_path=self.data / f"{name}-passphrase.txt", now=now()
        )

    def client(self, name: str = "rp") -> BlockingClient:
        return BlockingClient(
            BankIdClient(
                self.api_url,
                certificate=self.certificate(name),
                server_roots=load_server_roots(self.api_url, self.data / "server-ca.pem"),
                environment=Environment.TEST,
            )
        )


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    data = tmp_path_factory.mktemp("simulator")
    command = [sys.executable, "-m", "idp_sandbox.bankid", "--data", str(data), "--api-port", "0", "--phone-port", "0"]
    with subprocess.Popen(
        [*command, "--processing", "0.1"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            yield _read_addresses(program, data)
        finally:
            program.terminate()


def _read_addresses(program: subprocess.Popen[str], data: Path) -> Simulator:
    assert program.stdout is not None
    assert program.stderr is not None
    line = program.stderr.readline()
    assert line.startswith("phone "), line + program.stderr.read()
    phone, api = line.removeprefix("phone ").strip().split(", API ")
    assert program.stdout.readline() == "ready\n"
    return Simulator(data=data, phone_url=phone.rstrip("/"), api_url=api)


@pytest.fixture
def client(simulator: Simulator) -> Iterator[BlockingClient]:
    with closing(simulator.client()) as client:
        yield client


def a_request(*, return_url: str | None = None, requirement: Requirement | None = None) -> OrderRequest:
    return OrderRequest(
        end_user_ip="127.0.0.1",
        user_visible_data="Logga in på MinaSidor hos PreZero.\n\nAvbryt om någon annan har bett dig logga in.",
        user_non_visible_data=b"0123456789abcdef",
        return_url=return_url,
        requirement=requirement or Requirement(),
        web=WebDevice(referring_domain="login.example.se", user_agent="x" * 300, device_identifier="device"),
    )


def collect_until(client: BlockingClient, order_ref: str, wanted: Pending | None = None) -> Pending | Ended:
    """Collect until the answer is wanted or terminal; the simulator counts but allows quick collects."""
    told: list[Pending | Ended] = []

    def is_over() -> bool:
        answer = client.collect(order_ref)
        told.append(client.read(answer.body, order_ref) if isinstance(answer, Answered) else answer)
        return not isinstance(told[-1], Pending) or told[-1] == wanted

    soon(is_over, "the order comes to an end")
    return told[-1]


def completed(client: BlockingClient, order_ref: str) -> Completion:
    ended = collect_until(client, order_ref)
    assert isinstance(ended, Complete), ended
    return ended.completion


def expected(simulator: Simulator, completion: Completion, request: OrderRequest) -> Expected:
    return Expected(
        personal_number=completion.user.personal_number,
        device_uhi=completion.device_uhi,
        at=now(),
        visible_data=request.user_visible_data,
        non_visible_data=request.user_non_visible_data,
        relying_party=simulator.certificate("rp").subject,
        policy_oids=Environment.TEST.policy_oids(frozenset({BankIdKind.MOBILE})),
    )


def test_the_connection_is_well(client: BlockingClient) -> None:
    client.ping()


def test_a_scanned_code_identifies_a_person_with_evidence(simulator: Simulator, client: BlockingClient) -> None:
    request = a_request(requirement=Requirement(kinds=frozenset({BankIdKind.MOBILE}), pin_code=True))
    order = client.auth(request)
    assert client.collect(order.order_ref) == Pending("outstandingTransaction")
    phone = simulator.act("scan", qr=qr_text(order.qr_start_token, order.qr_start_secret, 0), persona="anna")
    assert phone["intention"] == request.user_visible_data
    assert collect_until(client, order.order_ref, Pending("userSign")) == Pending("userSign")
    simulator.act("approve", session=phone["session"])
    completion = completed(client, order.order_ref)
    evidence = verify_evidence(
        completion.signature,
        completion.ocsp,
        expected(simulator, completion, request),
        load_roots(simulator.data / "people-root.pem"),
    )
    assert (evidence.chain_validated, evidence.ocsp_validated) == (True, True)
    assert completion.risk is not None
    assert Completion.from_dict(completion.as_dict()) == completion
    with pytest.raises(OrderGone):
        client.collect(order.order_ref)


def test_an_opened_link_identifies_and_leads_back(simulator: Simulator, client: BlockingClient) -> None:
    launch_url = f"{simulator.phone_url}/"
    browser = read_browser("Mozilla/5.0 (X11; Linux x86_64)")
    return_url = find_return_url(browser, back_url=BACK, nonce="nonce-of-this-order", launch_url=launch_url)
    order = client.auth(a_request(return_url=return_url))
    link = open_link(browser, order.auto_start_token, launch_url=launch_url)
    with requests.Session() as phone:
        page = phone.get(link, timeout=PATIENCE)
        assert page.status_code == 200
        simulator.act("approve", session=page.url.split("?")[0].rsplit("/", 1)[-1])
        assert completed(client, order.order_ref).user.personal_number
        over = phone.get(page.url, timeout=PATIENCE, allow_redirects=False)
    assert over.headers["Location"] == f"{BACK}?n=nonce-of-this-order"


def test_evidence_of_one_order_does_not_prove_another(simulator: Simulator, client: BlockingClient) -> None:
    request = a_request()
    order = client.auth(request)
    phone = simulator.act("open", autostarttoken=order.auto_start_token)
    simulator.act("approve", session=phone["session"])
    completion = completed(client, order.order_ref)
    other = Expected(
        personal_number=completion.user.personal_number,
        device_uhi=completion.device_uhi,
        at=now(),
        visible_data=request.user_visible_data,
        non_visible_data=b"another login",
    )
    with pytest.raises(EvidenceRefused, match="hidden data"):
        verify_evidence(completion.signature, completion.ocsp, other)


def test_a_person_who_cancels_is_not_identified(simulator: Simulator, client: BlockingClient) -> None:
    order = client.auth(a_request())
    phone = simulator.act("open", autostarttoken=order.auto_start_token)
    simulator.act("cancel", session=phone["session"])
    assert collect_until(client, order.order_ref) == Failed("userCancel")


def test_a_cancelled_order_is_over(client: BlockingClient) -> None:
    order = client.auth(a_request())
    client.cancel(order.order_ref)
    client.cancel(order.order_ref)
    with pytest.raises(OrderGone):
        client.collect(order.order_ref)


def test_an_order_belongs_to_the_certificate_that_started_it(simulator: Simulator, client: BlockingClient) -> None:
    order = client.auth(a_request())
    with closing(simulator.client("other-rp")) as other, pytest.raises(OrderGone):
        other.collect(order.order_ref)
