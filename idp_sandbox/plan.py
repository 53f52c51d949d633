"""The plan of a world: what the person at the terminal asked for."""

from dataclasses import dataclass
from pathlib import Path

from idp_sandbox.ports import Ports
from idp_sandbox.provider_files import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the person at the terminal asked for."""

    data: Path
    ports: Ports
    fresh: bool = False
    tls: bool = False
    autopilot: str | None = None
    trust: tuple[Path, ...] = ()
    """PEM files whose certificates the provider believes when it calls relying parties."""

    @property
    def addresses(self) -> Addresses:
        scheme = "https" if self.tls else "http"
        return Addresses(
            idp=f"{scheme}://localhost:{self.ports.idp}",
            minasidor=f"{scheme}://localhost:{self.ports.minasidor}",
            mittprezero=f"{scheme}://localhost:{self.ports.mittprezero}",
            phone=f"{scheme}://localhost:{self.ports.phone}",
            bankid=f"https://localhost:{self.ports.bankid}",
            playground=f"{scheme}://localhost:{self.ports.playground}",
        )
