"""BankID as a test decides: who approves, who cancels, what the service answers."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime

from idp.core.identification.bankid.api import (
    Answered,
    BankIdError,
    Complete,
    Completion,
    Ended,
    Failed,
    OrderGone,
    Pending,
    Risk,
    StartedOrder,
    User,
)
from idp.core.identification.bankid.order_request import OrderRequest

ANNA = User(personal_number="199001012385", name="Anna Svensson", given_name="Anna", surname="Svensson")
BO = User(personal_number="191212121212", name="TOLVAN TOLVANSSON", given_name="TOLVAN", surname="TOLVANSSON")

Told = Pending | Answered | Ended | BankIdError


@dataclass
class ScriptedBankId:
    """Satisfies the port `BankId`: what people do in the app is decided by the test."""

    requests: list[OrderRequest] = field(default_factory=list)
    answers: dict[str, Told] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    refuse_start: BankIdError | None = None
    collects: int = 0

    async def auth(self, request: OrderRequest) -> StartedOrder:
        if self.refuse_start is not None:
            raise self.refuse_start
        self.requests.append(request)
        order_ref = f"order-{len(self.requests)}"
        self.answers[order_ref] = Pending("outstandingTransaction")
        return StartedOrder(
            order_ref=order_ref,
            auto_start_token=f"start-{secrets.token_hex(4)}",
            qr_start_token="67df3917-fa0d-44e5-b327-edcc928297f8",
            qr_start_secret="d28db9a7-4cde-429e-a983-359be676944c",
        )

    async def collect(self, order_ref: str) -> Pending | Answered:
        self.collects += 1
        answer = self.answers.get(order_ref)
        if answer is None:
            raise OrderGone("invalidParameters")
        if isinstance(answer, BankIdError):
            raise answer
        if isinstance(answer, Pending):
            return answer
        del self.answers[order_ref]  # told once
        match answer:
            case Complete(completion):
                return Answered(json.dumps(completion.as_dict()).encode())
            case Failed(hint_code):
                return Answered(json.dumps({"hint_code": hint_code}).encode())
            case Answered():
                return answer

    def read(self, body: bytes, order_ref: str) -> Ended:
        told = json.loads(body)
        return Failed(told["hint_code"]) if "hint_code" in told else Complete(Completion.from_dict(told))

    async def cancel(self, order_ref: str) -> None:
        self.cancelled.append(order_ref)
        self.answers.pop(order_ref, None)

    async def ping(self) -> datetime | None: ...
    async def close(self) -> None: ...

    @property
    def latest(self) -> str:
        return f"order-{len(self.requests)}"

    def tell(self, answer: Told) -> None:
        """Decide what the newest order's next collect says."""
        self.answers[self.latest] = answer

    def approve(self, user: User, *, device_ip: str = "127.0.0.1", risk: Risk | None = Risk.LOW) -> None:
        self.tell(
            Complete(
                Completion(
                    user=user,
                    device_ip=device_ip,
                    device_uhi="uhi",
                    issue_date=date(2025, 1, 1),
                    signature="c2lnbmF0dXJl",
                    ocsp="b2NzcA==",
                    risk=risk,
                )
            )
        )
