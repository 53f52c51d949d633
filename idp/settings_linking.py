"""Settings about how a person comes to belong to a company."""

from datetime import timedelta

from pydantic import Field, model_validator

from idp.core.linking.prove_claim import Untold
from idp.core.linking.second_person import SecondPerson
from idp.settings_fields import LinkTime, Pattern, Table


class ContactCodes(Table):
    """Codes that we send to a company's contact in the customer register; one that was brought back does not count."""

    person_per_hour: int = Field(default=3, ge=1)
    """Codes that one person may ask for in an hour."""
    person_at_company_per_month: int = Field(default=5, ge=1)
    """Codes that one person may ask for at one company in 30 days."""
    address_per_hour: int = Field(default=10, ge=1)
    """Codes that may be asked for from one address (IPv6: /64) in an hour."""
    company_per_day: int = Field(default=5, ge=1)
    """Codes that one company's contact may get in 24 hours."""
    company_per_year: int = Field(default=30, ge=1)
    """The same in 365 days. Each code can be guessed at five times, so that 30 are one chance in 6,700 a year."""


class Linking(Table):
    """Proving an old customer number."""

    customer_number_pattern: Pattern = r"[0-9]{4,10}"
    """Regular expression a normalised customer number matches as a whole."""
    second_person: SecondPerson = SecondPerson.NOTIFY
    """What a person needs beside right numbers where a company has users already. `notify`: nothing, they are told.
    `contact`: a code that we send to the company's contact in the customer register. `approve`: the word of one of them.
    `invite-only`: an invitation of theirs, or of customer service (`idp customers invite`), which lets people in under every policy."""
    untold: Untold = Untold.WHOLE_NUMBER
    """What proves a company of which nobody would hear: no e-mail address in the register (nor a telephone number, where `[sms]` is
    set), and no users. `four_digits`, as for others; `whole_number`; `support`: nothing, its people call customer service."""
    person_per_day: int = Field(default=5, ge=1)
    """Wrong tries of one person in 24 hours, four digits and whole organisation numbers together; then the person waits."""
    person_per_month: int = Field(default=10, ge=1)
    """The same in 30 days."""
    person_per_year: int = Field(default=20, ge=1)
    """The same in 365 days."""
    person_four_digits_per_year: int = Field(default=3, ge=0)
    """Wrong four digits of one person in 365 days; then the whole organisation number is asked for. 0: it always is."""
    company_four_digits_per_year: int = Field(default=5, ge=0)
    """Wrong four digits at one company, whoever tries and at whichever of its numbers; then the whole number is asked for."""
    company_whole_numbers_per_year: int = Field(default=30, ge=1)
    """Wrong whole organisation numbers at one company by everybody; then its people call customer service."""
    person_at_company_per_month: int = Field(default=3, ge=1)
    """Wrong whole organisation numbers of one person at one company in 30 days."""
    address_per_hour: int = Field(default=10, ge=1)
    """Wrong four digits from one address (IPv6: /64) in an hour; then the whole number is asked for there."""
    address_per_day: int = Field(default=30, ge=1)
    """The same in 24 hours."""
    network_per_day: int = Field(default=100, ge=1)
    """The same for one network, /24 or IPv6 /48."""
    everybody_per_day: int = Field(default=30, ge=1)
    """Wrong four digits beyond the right ones in 24 hours by everybody; then everybody is asked for the whole number."""
    fresh_for: LinkTime = timedelta(hours=72)
    """How long relying parties are told that a link is new (claim `fresh_link`)."""
    freeze_within: LinkTime = timedelta(days=30)
    """How long those who are told of a new user can freeze the link by the address in the notice."""

    @model_validator(mode="after")
    def _one_person_never_uses_a_company_up(self) -> "Linking":
        if self.company_whole_numbers_per_year <= self.person_per_year:
            raise ValueError(
                "company_whole_numbers_per_year: must be more than person_per_year, or one person can use it up"
            )
        return self
