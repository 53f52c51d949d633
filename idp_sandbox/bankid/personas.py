"""Personas: the invented people whose BankIDs are in the virtual phone, and what is special about each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOBILE, FILE, CARD = "1.2.3.4.25", "1.2.3.4.5", "1.2.3.4.10"
"""Certificate policies of BankID's test environment: in a phone, on a computer, on a smart card."""


class Trait(StrEnum):
    """Something that makes an order end differently than with a completed identification."""

    BLOCKED = "blocked"
    """The BankID is blocked: approving fails with certificateErr."""
    OLD_APP = "old_app"
    """The app is too old for anything: opening fails with notSupportedByUserApp."""
    NO_RETURN_URL = "no_return_url"
    """The app cannot fetch a returnUrl: opening an order that has one fails with notSupportedByUserApp."""
    NO_NFC = "no_nfc"
    """The phone cannot read an identity document: approving fails with nfcNotSupportedByDevice when mrtd is required."""
    SEVERAL_BANKIDS = "several_bankids"
    """Two BankIDs in one phone: approving fails with multipleBankIdsOnDevice when mrtd is required."""
    NO_CAMERA = "no_camera"
    """A computer, which cannot scan a QR code."""


class Risk(StrEnum):
    """How dubious BankID finds an order (completionData.risk)."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One BankID of one invented person."""

    id: str
    what: str
    person_number: str
    given_name: str
    surname: str
    bank: str = "Testbank A AB (publ)"
    issued_days_ago: int = 290
    issue_suffix: str = "+01:00"
    policy: str = MOBILE
    risk: Risk = Risk.LOW
    platform: str = "ios"
    os_version: str = "18.5"
    traits: frozenset[Trait] = frozenset()

    @property
    def name(self) -> str:
        """The whole name, as the bank wrote it."""
        return f"{self.given_name} {self.surname}"

    def bankid_issue_date(self, starts_at: datetime) -> str:
        """The day on which the certificate starts, with the UTC offset, as completionData.bankIdIssueDate writes it."""
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{self.issue_suffix}").tzinfo
        return starts_at.astimezone(zone).date().isoformat() + self.issue_suffix


PERSONAS: tuple[Persona, ...] = (
    Persona(id="anna", what="en vanlig person", person_number="199001012385", given_name="Anna", surname="Andersson"),
    Persona(
        id="johan",
        what="en annan vanlig person, med Android",
        person_number="198507232380",
        given_name="Johan",
        surname="Johansson",
        platform="android",
        os_version="15",
    ),
    Persona(
        id="tolvan",
        what="Tolvan, född 1912",
        person_number="191212121212",
        given_name="Tolvan",
        surname="Tolvansson",
        issue_suffix="Z",
    ),
    Persona(
        id="bjorn",
        what="å, ä, ö, accent och dubbelnamn",
        person_number="197803142392",
        given_name="Björn-Åke André",
        surname="Åström Östlund",
    ),
    Persona(
        id="karin",
        what="banken skriver namnet med VERSALER",
        person_number="196909212380",
        given_name="KARIN MARGARETA",
        surname="LINDQVIST",
        bank="Testbank B AB (publ)",
    ),
    Persona(
        id="amira", what="samordningsnummer", person_number="198704662397", given_name="Amira", surname="Haddad El-Amin"
    ),
    Persona(
        id="sixten",
        what="har enskild firma",
        person_number="196102032387",
        given_name="Sixten",
        surname="Ekström",
    ),
    Persona(
        id="eva",
        what="har två BankID, detta är det första",
        person_number="197311052380",
        given_name="Eva Maria",
        surname="Svensson",
        traits=frozenset({Trait.SEVERAL_BANKIDS}),
    ),
    Persona(
        id="eva2",
        what="Evas andra BankID, från en annan bank och med namnet skrivet på annat sätt",
        person_number="197311052380",
        given_name="EVA",
        surname="SVENSSON",
        bank="Testbank B AB (publ)",
        issued_days_ago=140,
        issue_suffix="+02:00",
        traits=frozenset({Trait.SEVERAL_BANKIDS}),
    ),
    Persona(
        id="bertil",
        what="BankID är spärrat (certificateErr)",
        person_number="194812242396",
        given_name="Bertil",
        surname="Bengtsson",
        traits=frozenset({Trait.BLOCKED}),
    ),
    Persona(
        id="gunnar",
        what="appen är för gammal (notSupportedByUserApp)",
        person_number="194102282391",
        given_name="Gunnar",
        surname="Gustafsson",
        traits=frozenset({Trait.OLD_APP}),
    ),
    Persona(
        id="gun",
        what="appen klarar inte returnUrl (notSupportedByUserApp när begäran har en sådan)",
        person_number="195506302388",
        given_name="Gun",
        surname="Nyström",
        platform="android",
        os_version="9",
        traits=frozenset({Trait.NO_RETURN_URL}),
    ),
    Persona(
        id="mikael",
        what="måttlig risk",
        person_number="198305122387",
        given_name="Mikael",
        surname="Ek",
        risk=Risk.MODERATE,
    ),
    Persona(
        id="helena", what="hög risk", person_number="199208172396", given_name="Helena", surname="Berg", risk=Risk.HIGH
    ),
    Persona(
        id="nils",
        what="telefonen saknar NFC",
        person_number="199909092380",
        given_name="Nils",
        surname="Norén",
        platform="android",
        os_version="12",
        traits=frozenset({Trait.NO_NFC}),
    ),
    Persona(
        id="doris",
        what="BankID på fil i en dator: kan öppna men inte skanna",
        person_number="196604182391",
        given_name="Doris",
        surname="Dahl",
        policy=FILE,
        platform="macosx",
        os_version="15.5",
        traits=frozenset({Trait.NO_CAMERA}),
    ),
    Persona(
        id="greta", what="har hand om flera företag", person_number="198803212383", given_name="Greta", surname="Grön"
    ),
    Persona(
        id="maximiliana",
        what="ett mycket långt namn",
        person_number="199406062399",
        given_name="Maximiliana Wilhelmina Alexandra",
        surname="von Oxenstjärna-Löwenhielm",
    ),
)

DEFAULT = PERSONAS[0]


def find_persona(persona_id: str) -> Persona | None:
    """The persona with this short id, or None."""
    return next((persona for persona in PERSONAS if persona.id == persona_id), None)
