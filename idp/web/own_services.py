"""Own services: where a page leads a person whom no login and no client can lead."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.core.languages import Language
from idp.core.oidc.clients.ports import Clients
from idp.web.frame import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServices:
    """The house's own clients that have a page, web sites before apps."""

    clients: Clients
    issuer: str

    def __call__(self, language: Language) -> Sequence[Service]:
        own = [one for one in self.clients.all() if one.first_party and not one.disabled]
        addresses = ((one, one.client_uri or one.start_address(self.issuer)) for one in own)
        found = [(one.is_native, one.name_in(language), address) for one, address in addresses if address]
        return [Service(name, address) for _, name, address in sorted(found)]
