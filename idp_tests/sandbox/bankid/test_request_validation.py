from typing import Any

import pytest

from idp_sandbox.bankid.errors import InvalidParameters
from idp_sandbox.bankid.request_validation import read_order_ref, read_start
from idp_sandbox.bankid.start_request import Operation
from idp_tests.sandbox.bankid.rig import encoded

IP = {"endUserIp": "192.0.2.1"}
PHONE = {"personalNumber": "199001012385", "callInitiator": "RP"}
TRANSACTION = {
    "transactionType": "card",
    "recipient": {"name": "Butiken"},
    "money": {"amount": "1000,00", "currency": "SEK"},
}


def base64_of(length: int) -> str:
    """A base64 text of exactly this many characters (a multiple of four)."""
    return "A" * length


@pytest.mark.parametrize(
    "body",
    [
        IP,
        {"endUserIp": "2001:db8::7"},
        IP | {"userVisibleData": base64_of(1500)},
        IP | {"userVisibleData": encoded("# Hej"), "userVisibleDataFormat": "simpleMarkdownV1"},
        IP | {"userNonVisibleData": base64_of(1500)},
        IP | {"returnUrl": "https://rp.example/back#n=1"},
        IP | {"returnUrl": "googlechromes://"[:-1] + "x"},
        IP | {"returnUrl": "h:" + "a" * 510},
        IP | {"web": {"userAgent": "a" * 256}},
        IP | {"web": {"referringDomain": "login.example.se", "deviceIdentifier": "d" * 64}},
        IP | {"app": {"appIdentifier": "se.example.app", "deviceOS": "IOS 17.5"}},
        IP | {"requirement": {"certificatePolicies": ["1.2.3.4.25", "1.2.*", "1.2.752.78.*"]}},
        IP | {"requirement": {"pinCode": True, "mrtd": False, "cardReader": "class2"}},
        IP | {"requirement": {"personalNumber": "198704662397"}},
        IP | {"returnRisk": True},
        IP | {"somethingNew": 1},
    ],
    ids=str,
)
def test_a_valid_auth_is_accepted(body: dict[str, Any]) -> None:
    assert read_start(Operation.AUTH, body).end_user_ip is not None


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "The body"),
        ({}, "endUserIp is required"),
        ({"endUserIp": None}, "endUserIp must not be null"),
        ({"endUserIp": ""}, "endUserIp must be"),
        ({"endUserIp": 1}, "endUserIp must be a string"),
        ({"endUserIp": "192.0.2.1:443"}, "endUserIp is not"),
        ({"endUserIp": "fe80::1%eth0"}, "endUserIp must not"),
        ({"endUserIp": "192.0.2.1, 10.0.0.1"}, "endUserIp is not"),
        (IP | {"userVisibleData": ""}, "userVisibleData must be 1"),
        (IP | {"userVisibleData": base64_of(1504)}, "userVisibleData must be 1 to 1500"),
        (IP | {"userVisibleData": "Hej!"}, "userVisibleData is not base64"),
        (IP | {"userVisibleData": "aGVq\n"}, "userVisibleData is not base64"),
        (IP | {"userVisibleData": "aGVqZA"}, "userVisibleData is not base64"),
        (IP | {"userVisibleData": "__8="}, "userVisibleData is not base64"),
        (IP | {"userVisibleData": "aGV="}, "userVisibleData is not canonical"),
        (IP | {"userVisibleData": "//8="}, "userVisibleData is not UTF-8"),
        (IP | {"userVisibleDataFormat": "html"}, "userVisibleDataFormat must be one of"),
        (IP | {"userNonVisibleData": base64_of(1504)}, "userNonVisibleData must be"),
        (IP | {"returnUrl": ""}, "returnUrl must be 1"),
        (IP | {"returnUrl": "h:" + "a" * 511}, "returnUrl must be 1 to 512"),
        (IP | {"returnUrl": "/back"}, "returnUrl is malformed"),
        (IP | {"returnRisk": "true"}, "returnRisk must be a boolean"),
        (IP | {"web": {"userAgent": "a" * 257}}, "web.userAgent must be 1 to 256"),
        (IP | {"web": {"userAgent": ""}}, "web.userAgent must be 1"),
        (IP | {"web": {"referringDomain": "https://x"}}, "web.referringDomain is malformed"),
        (IP | {"web": {"deviceIdentifier": "d" * 65}}, "web.deviceIdentifier must be"),
        (IP | {"web": {}}, "web must have at least one member"),
        (IP | {"app": {}}, "app must have at least one member"),
        (IP | {"app": {"deviceOS": "x"}, "web": {"userAgent": "x"}}, "app and web exclude"),
        (IP | {"requirement": []}, "requirement must be a JSON object"),
        (IP | {"requirement": {"pinCode": 1}}, "requirement.pinCode must be a boolean"),
        (IP | {"requirement": {"cardReader": "class3"}}, "requirement.cardReader must be"),
        (IP | {"requirement": {"certificatePolicies": []}}, "requirement.certificatePolicies must be a list"),
        (IP | {"requirement": {"certificatePolicies": ["mobile"]}}, "malformed policy"),
        (IP | {"requirement": {"certificatePolicies": ["*"]}}, "malformed policy"),
        (IP | {"requirement": {"certificatePolicies": ["1.*"]}}, "malformed policy"),
        (IP | {"requirement": {"certificatePolicies": ["1.2.*.*"]}}, "malformed policy"),
        (IP | {"requirement": {"personalNumber": "19900101-2385"}}, "requirement.personalNumber must be 12"),
        (IP | {"requirement": {"personalNumber": "199001012386"}}, "requirement.personalNumber is not"),
        (IP | {"requirement": {"risk": "high"}}, "requirement.risk must be"),
    ],
    ids=str,
)
def test_an_invalid_auth_is_refused_with_the_reason(body: Any, complaint: str) -> None:
    with pytest.raises(InvalidParameters) as refused:
        read_start(Operation.AUTH, body)
    assert complaint in refused.value.details


def test_a_sign_needs_a_text_and_has_wider_limits() -> None:
    with pytest.raises(InvalidParameters, match="userVisibleData is required"):
        read_start(Operation.SIGN, IP)
    body = IP | {"userVisibleData": base64_of(40_000), "userNonVisibleData": base64_of(200_000)}
    assert read_start(Operation.SIGN, body).visible == base64_of(40_000)
    with pytest.raises(InvalidParameters, match="40000"):
        read_start(Operation.SIGN, IP | {"userVisibleData": base64_of(40_004)})


def test_what_bankid_would_ignore_is_warned_about() -> None:
    request = read_start(Operation.AUTH, IP | {"requirement": {"risk": "low", "pinkod": True}, "retrunUrl": "x"})
    assert request.warnings == (
        "requirement.risk has no effect here; use returnRisk",
        "unknown member requirement.pinkod",
        "unknown member retrunUrl",
        "neither app nor web was sent; BankID recommends it",
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"personalNumber": "199001012385"}, "callInitiator is required"),
        (PHONE | {"callInitiator": "rp"}, "callInitiator must be one of user, RP"),
        ({"callInitiator": "user"}, "personalNumber is required"),
    ],
    ids=str,
)
def test_an_invalid_phone_order_is_refused(body: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidParameters, match=complaint):
        read_start(Operation.PHONE_AUTH, body)


def test_a_phone_order_takes_no_device() -> None:
    request = read_start(Operation.PHONE_AUTH, PHONE | IP)
    assert request.end_user_ip is None
    assert request.warnings == ("unknown member endUserIp",)


def test_a_payment_is_read() -> None:
    transaction = read_start(Operation.PAYMENT, IP | {"userVisibleTransaction": TRANSACTION}).transaction
    assert transaction is not None
    assert (transaction.recipient, transaction.amount, transaction.currency) == ("Butiken", "1000,00", "SEK")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "userVisibleTransaction is required"),
        ({"userVisibleTransaction": TRANSACTION | {"transactionType": "npa"}}, "money is not allowed"),
        ({"userVisibleTransaction": {**TRANSACTION, "money": {"amount": "10.00", "currency": "SEK"}}}, "amount is mal"),
        ({"userVisibleTransaction": {"transactionType": "card", "recipient": {"name": "B"}}}, "money is required"),
        ({"userVisibleTransaction": TRANSACTION, "riskFlags": ["newcard"]}, "riskFlags has an unknown flag"),
    ],
    ids=str,
)
def test_an_invalid_payment_is_refused(body: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidParameters, match=complaint):
        read_start(Operation.PAYMENT, IP | body)


@pytest.mark.parametrize("body", [{}, {"orderRef": None}, {"orderRef": "x"}, {"orderRef": 1}, "x"], ids=str)
def test_an_order_reference_must_look_like_one(body: Any) -> None:
    with pytest.raises(InvalidParameters):
        read_order_ref(body)
