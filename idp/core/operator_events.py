"""Audit events about what an operator does to secrets, evidence and the audit log; the rules of `core/events.py` are theirs, too."""

from idp.core.audit_log import Event, event


@event("secret.added")
class SecretAdded(Event):
    """An operator added a version of a secret."""

    operator: str
    kind: str
    version: int


@event("secret.retired")
class SecretRetired(Event):
    """An operator deleted a version of a secret, and gave up what still hung on it in these places."""

    operator: str
    kind: str
    version: int
    given_up: tuple[str, ...]


@event("audit.begun_again")
class AuditBegunAgain(Event):
    """An operator began a new chain over what was left of the audit log, after something was found in the old one."""

    operator: str
    case_id: str
    findings: int
    deleted: int
    after_position: int


@event("evidence.shown")
class EvidenceShown(Event):
    """An operator looked at evidence, masked or not."""

    person_id: str | None
    reference: str
    operator: str
    unmasked: bool


@event("evidence.verified")
class EvidenceVerified(Event):
    """An operator verified all evidence that is kept."""

    operator: str
    bundles: int
    refused: int


@event("evidence.exported")
class EvidenceExported(Event):
    """An operator wrote evidence to a file, of everybody or as selected."""

    operator: str
    bundles: int
    person_id: str | None = None
    customer_id: str | None = None
    since: str | None = None


OPERATOR_EVENTS: tuple[type[Event], ...] = (
    SecretAdded,
    SecretRetired,
    AuditBegunAgain,
    EvidenceShown,
    EvidenceVerified,
    EvidenceExported,
)
"""Every type above."""
