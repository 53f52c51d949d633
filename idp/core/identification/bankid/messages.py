"""What the person is told while BankID works or fails: one decision table from BankID's codes to message keys."""

from datetime import timedelta

from idp.core.identification.bankid.order import LOST, STRAYED, UNREADABLE, Launch

STARTED_IS_SLOW_AFTER = timedelta(seconds=10)
"""An app that is open this long without a BankID probably has none."""

COMPLETE = "bankid.complete"
RETURNING = "bankid.returning"
"""Approved, and on the way back from the app to the browser that began."""
NOT_RETURNED = "bankid.not_returned"
"""Approved, and the app has not opened the browser that began."""
PREPARING = "signin.bankid.preparing"
"""The order, or the code that follows one which nobody scanned, is not there yet."""
PAUSED_CODE = "signin.bankid.paused"
UNKNOWN_PENDING = "bankid.unknown_pending"
UNKNOWN_FAILED = "bankid.unknown_failed"

_OUTSTANDING = {Launch.QR: "bankid.outstanding.qr", Launch.SAME_DEVICE: "bankid.outstanding.same_device"}
_START_FAILED = {Launch.QR: "bankid.start_failed.qr", Launch.SAME_DEVICE: "bankid.start_failed.same_device"}
_STARTED = "bankid.started"
_STARTED_SLOW = "bankid.started.slow"

_PENDING = {
    "noClient": "bankid.no_client",
    "userMrtd": "bankid.user_mrtd",
    "userFace": "bankid.user_face",
    "userStepUp": "bankid.user_step_up",
    "userCallConfirm": "bankid.user_call_confirm",
    "userSign": "bankid.user_sign",
    "processing": "bankid.processing",
}
_FAILED = {
    "expiredTransaction": "bankid.expired_transaction",
    "certificateErr": "bankid.certificate_err",
    "userCancel": "bankid.user_cancel",
    "cancelled": "bankid.cancelled",
    "userDeclinedCall": "bankid.user_declined_call",
    "notSupportedByUserApp": "bankid.not_supported_by_user_app",
    "transactionRiskBlocked": "bankid.transaction_risk_blocked",
    "mrtdVerificationFailed": "bankid.mrtd_verification_failed",
    "facialRecognitionFailed": "bankid.facial_recognition_failed",
    "nfcNotSupportedByDevice": "bankid.nfc_not_supported",
    "multipleBankIdsOnDevice": "bankid.multiple_bankids",
    "stepUpFailed": "bankid.step_up_failed",
}
_ERRORS = {
    "alreadyinprogress": "bankid.already_in_progress",
    "requesttimeout": "bankid.unavailable",
    "internalerror": "bankid.unavailable",
    "toomanyrequests": "bankid.unavailable",
    "maintenance": "bankid.maintenance",
    "invalidparameters": "bankid.our_fault",
    "unauthorized": "bankid.our_fault",
    "notfound": "bankid.our_fault",
    "methodnotallowed": "bankid.our_fault",
    "unsupportedmediatype": "bankid.our_fault",
    "tls": "bankid.our_fault",
    "connection": "bankid.unavailable",
    "network": "bankid.unavailable",
    "notasked": "bankid.unavailable",
    "unreadableanswer": "bankid.unavailable",
}
_OURS = {
    "anotherDevice": "bankid.another_device",
    STRAYED: "bankid.another_browser",
    "evidenceRefused": "bankid.our_fault",
    UNREADABLE: "bankid.answer_unreadable",
    LOST: "bankid.answer_lost",
}
"""Why an order that is over at BankID logs nobody in here."""

MESSAGE_KEYS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *_OUTSTANDING.values(),
            _STARTED,
            _STARTED_SLOW,
            *_PENDING.values(),
            UNKNOWN_PENDING,
            COMPLETE,
            RETURNING,
            NOT_RETURNED,
            PREPARING,
            PAUSED_CODE,
            *_START_FAILED.values(),
            *_FAILED.values(),
            UNKNOWN_FAILED,
            *_ERRORS.values(),
            *_OURS.values(),
        )
    )
)
"""Every message key this module can answer with, for the translations to be complete."""


def pending_message(hint_code: str, launch: Launch, *, in_this_state: timedelta = timedelta(0)) -> str:
    """The key for an order that goes on (BankID RP 6.0, collect); `in_this_state` is how long the hint has stayed the same."""
    if hint_code == "outstandingTransaction":
        return _OUTSTANDING[launch]
    if hint_code == "started":
        return _STARTED_SLOW if in_this_state > STARTED_IS_SLOW_AFTER else _STARTED
    return _PENDING.get(hint_code, UNKNOWN_PENDING)


def failed_message(hint_code: str, launch: Launch) -> str:
    """The key for an order that is over without an identification (BankID RP 6.0, collect)."""
    if hint_code == "startFailed":
        return _START_FAILED[launch]
    return _FAILED.get(hint_code, UNKNOWN_FAILED)


def error_message(error_code: str) -> str:
    """The key for an error of the interface; the code's case is not reliable ("Maintenance" has been seen).

    A gateway in front of BankID answers without a code; then the adapter names the status, such as "status502".
    """
    code = error_code.lower()
    return "bankid.unavailable" if code.startswith("status5") else _ERRORS.get(code, UNKNOWN_FAILED)


def stopped_message(code: str, launch: Launch) -> str:
    """The key for an order that stopped, no matter who named the reason: a failing hint, an error code, or a word of ours."""
    if code in _OURS:
        return _OURS[code]
    hinted = failed_message(code, launch)
    return hinted if hinted != UNKNOWN_FAILED else error_message(code)
