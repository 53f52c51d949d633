"""The scenario that a test has set up: scripts for coming orders, faults, and odd answers."""

import threading
from dataclasses import dataclass
from typing import Literal

from idp_sandbox.bankid.errors import InvalidParameters
from idp_sandbox.bankid.faults import Fault, read_fault, read_whole, take
from idp_sandbox.bankid.json_object import JsonObject
from idp_sandbox.bankid.order import Step
from idp_sandbox.bankid.order_script import autopilot, read_script
from idp_sandbox.bankid.personas import Persona, find_persona

Rate = Literal["count", "limit"]


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What happens to an order without a person, and a merge patch (RFC 7396) over its completionData."""

    script: tuple[Step, ...] = ()
    completion_patch: object = None
    is_autopilot: bool = False


class Scenario:
    """Holds what a test has set up; every method is safe to call from any thread."""

    def __init__(self, *, autopilot: Persona | None = None, rate: Rate = "count") -> None:
        self._lock = threading.Lock()
        self._at_start = (autopilot, rate)
        self.clear()

    def clear(self) -> None:
        """Go back to how the program was started."""
        with self._lock:
            self._autopilot, self._rate = self._at_start
            self._plans: list[tuple[int, OrderPlan]] = []
            self._faults: tuple[Fault, ...] = ()
            self._extra_members = False

    @property
    def rate(self) -> Rate:
        """Whether collects faster than once a second are counted only, or refused with 429."""
        return self._rate

    @property
    def extra_members(self) -> bool:
        """Whether answers carry members that no client knows."""
        return self._extra_members

    def plan_next(self) -> OrderPlan:
        """Take the plan for the order that is being created now."""
        with self._lock:
            if self._plans:
                times, plan = self._plans[0]
                self._plans[:1] = [(times - 1, plan)] if times > 1 else []
                if plan.script or self._autopilot is None:
                    return plan
                return OrderPlan(autopilot(self._autopilot), plan.completion_patch, is_autopilot=True)
            return OrderPlan(autopilot(self._autopilot), is_autopilot=True) if self._autopilot else OrderPlan()

    def take_fault(self, operation: str, *, terminal: bool = False) -> Fault | None:
        """Use up a fault for this call, if one is due."""
        with self._lock:
            fault, self._faults = take(self._faults, operation, terminal=terminal)
            return fault

    def set_up(self, body: object) -> OrderPlan:
        """Read a scenario and set it up; returns its plan, which is queued unless the body names an order."""
        fields = JsonObject(body)
        plan = OrderPlan(read_script(_list(fields, "script")), fields.find("completion"))
        faults = _read_faults(fields)
        orders = read_whole(fields, "orders", 1)
        pilot = _read_autopilot(fields)
        rate = fields.choice("rate", ("count", "limit"))
        extra = fields.flag("extra_members") if fields.has("extra_members") else None
        names_order = fields.text("orderRef", most=36) is not None
        if fields.unread():
            raise InvalidParameters(", ".join(fields.unread()))
        with self._lock:
            self._faults += faults
            if not names_order and (plan.script or plan.completion_patch is not None) and orders:
                self._plans.append((orders, plan))
            self._autopilot = self._autopilot if pilot == "keep" else pilot
            self._rate = "limit" if rate == "limit" else "count" if rate == "count" else self._rate
            self._extra_members = self._extra_members if extra is None else extra
        return plan

    def describe(self) -> dict[str, object]:
        """What is set up now, for GET /api/scenario."""
        with self._lock:
            return {
                "autopilot": self._autopilot.id if self._autopilot else None,
                "rate": self._rate,
                "extra_members": self._extra_members,
                "planned_orders": sum(times for times, _ in self._plans),
                "faults": [
                    {"kind": each.kind, "operation": each.operation, "times": each.times, "skip": each.skip}
                    for each in self._faults
                ],
            }


def _read_faults(fields: JsonObject) -> tuple[Fault, ...]:
    return tuple(read_fault(each, f"faults[{index}]") for index, each in enumerate(_list(fields, "faults")))


def _list(fields: JsonObject, name: str) -> list[object]:
    raw = fields.find(name)
    if raw is not None and not isinstance(raw, list):
        raise InvalidParameters(f"{name} must be a list")
    return raw or []


def _read_autopilot(fields: JsonObject) -> Persona | Literal["keep"] | None:
    if not fields.has("autopilot"):
        return "keep"
    name = fields.text("autopilot", most=40)
    if name in {None, "off"}:
        return None
    persona = find_persona(name or "")
    if persona is None:
        raise InvalidParameters("autopilot must be a persona's id, or off")
    return persona
