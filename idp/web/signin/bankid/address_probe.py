"""The endpoint of address probes: tells a page of ours by which address its browser reaches this host name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, request

from idp.core.identification.bankid.address_probe import AddressProbe
from idp.core.identification.caller_address import KnownAddress
from idp.web.client_address import ReadCallerAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProbeEndpoint:
    """Answers under every host name that leads here; it needs no cookie and keeps nothing."""

    probe: AddressProbe
    caller_address: ReadCallerAddress
    issuer: str
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("bankid_address_probe", __name__)
        routes.post("/address-probe")(self.answer)
        return routes

    def answer(self) -> Response:
        """The address, signed for the interaction of the question; readable for pages of the issuer only (Fetch 3.2)."""
        if request.headers.get("Origin") != self.issuer or request.headers.get("Sec-Fetch-Mode", "cors") != "cors":
            abort(403)
        address = self.caller_address()
        if isinstance(address, KnownAddress):
            signed = self.probe.answer(request.form.get("question", ""), address.ip, self.clock())
            if signed is None:
                abort(400)
            response = jsonify({"address": str(address.ip), "answer": signed})
        else:
            response = jsonify({"address": None, "said": address.said})
        response.headers["Access-Control-Allow-Origin"] = self.issuer
        response.headers["Vary"] = "Origin"
        return response
