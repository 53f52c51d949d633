"""Settings of BankID: where it is, what is asked of it, and what its answers are worth."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from idp.core.identification.verdict import Verdict
from idp.settings_fields import Table, path_beside


class BankIdRisk(Table):
    """What a completed login is worth by the risk that BankID sees in it.

    `allow`: it logs in. `warn`: the person is also told by e-mail. `step_up`: it also links no company without the whole
    organisation number, or a code to the company's contact. `refuse`: it does not log in.
    """

    low: Verdict = Verdict.ALLOW
    """Nothing is remarkable."""
    unknown: Verdict = Verdict.ALLOW
    """BankID did not say."""
    moderate: Verdict = Verdict.STEP_UP
    """There may be reason to look again."""
    high: Verdict = Verdict.REFUSE
    """App and browser do not seem to belong together."""
    far_address: Verdict = Verdict.ALLOW
    """The app came back to the browser, but BankID saw it at an address of another network, or of another kind."""

    @model_validator(mode="after")
    def _higher_is_never_milder(self) -> "BankIdRisk":
        for name, above in (("moderate", self.moderate), ("unknown", self.unknown)):
            if not above.is_at_least(self.low):
                raise ValueError(f"{name}: must not be milder than low")
        if not self.high.is_at_least(self.moderate):
            raise ValueError("high: must not be milder than moderate")
        return self


class BankIdSettings(Table):
    """The BankID relying-party API."""

    api_url: str
    """`https://appapi2.bankid.com/rp/v6.0` in production, `https://appapi2.test.bankid.com/rp/v6.0` in test."""
    server_ca: Path | None = None
    """PEM root of the API's server certificate. None: the product's own copy of BankID's root for the address."""
    client_certificate: Path
    """PKCS#12 or PEM file with the relying-party certificate and key from the bank."""
    client_key: Path | None = None
    """PEM key, when `client_certificate` is PEM without it."""
    passphrase_file: Path | None = None
    """File with the passphrase of the PKCS#12 file or key."""
    people_roots: tuple[Path, ...] = ()
    """Roots of people's BankID certificates, given by BankID on request. Empty: chains are recorded as not validated."""
    launch_url: str = "https://app.bankid.com/"
    """What opens the app on the same device."""
    certificate_policies: tuple[str, ...] = ("mobile",)
    """Kinds of BankID accepted: `mobile`, `file`, `card`. Empty: all."""
    test_environment: bool = False
    """True selects the test environment's policy OIDs and shows the test ribbon."""
    pin_code: bool = False
    """Demand the security code even where biometrics would do."""
    acr: str = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"
    """The level of assurance we declare for BankID."""
    risk: BankIdRisk = BankIdRisk()
    same_address_suffices: bool = True
    """Computers only, for elsewhere the BankID app comes back to the browser: the very same address at low risk makes browser
    and app one device. Then a colleague behind your address may log in as you, if he gets you to open a start link. False: QR."""
    address_probes: tuple[Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")], ...] = ()
    """Origins such as `https://ipv4.id.example.se` that lead here by one kind of address alone: BankID may see a computer by
    its other kind than we do, and only with both can the two be compared."""
    evidence: str | None = Field(default=None, pattern="^(record|require)$")
    """`record`: a signature that does not verify is noted in the audit log; `require`: it also refuses the login,
    as does a missing OCSP answer, and `people_roots` must be named. None: `require` where `people_roots` are named."""
    chain_seconds: int = Field(default=180, ge=30, le=600)
    """How long unopened QR codes are replaced silently."""
    orders_per_browser: int = Field(default=12, ge=0)
    """BankID orders one browser may start in ten minutes; a page renews an unopened one up to five times. 0: no limit."""
    orders_per_address: int = Field(default=40, ge=0)
    """The same for one IPv4 address or IPv6 /64, which a whole office may share. Needs `server.trusted_proxies`. 0: no limit."""
    orders_per_network: int = Field(default=300, ge=0)
    """The same for one IPv4 /24 or IPv6 /48. 0: no limit."""

    _paths = field_validator("server_ca", "client_certificate", "client_key", "passphrase_file")(
        lambda value, info: value and path_beside(value, info)
    )
    _root_paths = field_validator("people_roots")(
        lambda values, info: tuple(path_beside(value, info) for value in values)
    )

    @model_validator(mode="after")
    def _required_evidence_has_roots(self) -> "BankIdSettings":
        if self.evidence_required and not self.people_roots:
            raise ValueError(
                "people_roots: is missing; evidence is required, and anybody can make a chain without root"
            )
        return self

    @property
    def evidence_required(self) -> bool:
        return self.evidence == "require" if self.evidence else bool(self.people_roots)
