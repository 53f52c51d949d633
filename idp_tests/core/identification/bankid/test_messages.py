"""Which message a person gets for which of BankID's codes."""

from datetime import timedelta

from idp.core.identification.bankid.api import BankIdError, BankIdMisused, BankIdRefused, BankIdUnavailable, OrderGone
from idp.core.identification.bankid.messages import (
    COMPLETE,
    MESSAGE_KEYS,
    error_message,
    failed_message,
    pending_message,
    stopped_message,
)
from idp.core.identification.bankid.order import Launch
from idp_tests.cases import each

AGREED_KEYS = {
    "bankid.answer_lost",
    "bankid.answer_unreadable",
    "bankid.outstanding.qr",
    "bankid.outstanding.same_device",
    "bankid.started",
    "bankid.started.slow",
    "bankid.user_mrtd",
    "bankid.user_sign",
    "bankid.processing",
    "bankid.complete",
    "bankid.returning",
    "bankid.not_returned",
    "signin.bankid.preparing",
    "signin.bankid.paused",
    "bankid.user_cancel",
    "bankid.cancelled",
    "bankid.start_failed.qr",
    "bankid.start_failed.same_device",
    "bankid.expired_transaction",
    "bankid.certificate_err",
    "bankid.no_client",
    "bankid.not_supported_by_user_app",
    "bankid.already_in_progress",
    "bankid.transaction_risk_blocked",
    "bankid.mrtd_verification_failed",
    "bankid.facial_recognition_failed",
    "bankid.nfc_not_supported",
    "bankid.multiple_bankids",
    "bankid.step_up_failed",
    "bankid.user_declined_call",
    "bankid.user_call_confirm",
    "bankid.user_face",
    "bankid.user_step_up",
    "bankid.unknown_pending",
    "bankid.unknown_failed",
    "bankid.unavailable",
    "bankid.maintenance",
    "bankid.our_fault",
    "bankid.another_browser",
    "bankid.another_device",
}


def test_the_keys_are_the_ones_the_translations_have() -> None:
    assert set(MESSAGE_KEYS) == AGREED_KEYS
    assert len(MESSAGE_KEYS) == len(AGREED_KEYS)


@each(
    "hint, launch, key",
    [
        ("outstandingTransaction", Launch.QR, "bankid.outstanding.qr"),
        ("outstandingTransaction", Launch.SAME_DEVICE, "bankid.outstanding.same_device"),
        ("noClient", Launch.QR, "bankid.no_client"),
        ("started", Launch.QR, "bankid.started"),
        ("userMrtd", Launch.QR, "bankid.user_mrtd"),
        ("userFace", Launch.QR, "bankid.user_face"),
        ("userStepUp", Launch.QR, "bankid.user_step_up"),
        ("userCallConfirm", Launch.QR, "bankid.user_call_confirm"),
        ("userSign", Launch.SAME_DEVICE, "bankid.user_sign"),
        ("processing", Launch.SAME_DEVICE, "bankid.processing"),
        ("somethingNew", Launch.QR, "bankid.unknown_pending"),
        ("", Launch.QR, "bankid.unknown_pending"),
    ],
)
def test_an_order_that_goes_on_says_what_to_do(hint: str, launch: Launch, key: str) -> None:
    assert pending_message(hint, launch) == key
    assert key in MESSAGE_KEYS


@each("seconds, key", [(0, "bankid.started"), (10, "bankid.started"), (10.5, "bankid.started.slow")])
def test_an_app_that_finds_no_bankid_gets_advice_after_ten_seconds(seconds: float, key: str) -> None:
    assert pending_message("started", Launch.QR, in_this_state=timedelta(seconds=seconds)) == key


def test_time_changes_no_other_message() -> None:
    assert pending_message("userSign", Launch.QR, in_this_state=timedelta(minutes=2)) == "bankid.user_sign"


@each(
    "hint, launch, key",
    [
        ("startFailed", Launch.QR, "bankid.start_failed.qr"),
        ("startFailed", Launch.SAME_DEVICE, "bankid.start_failed.same_device"),
        ("expiredTransaction", Launch.QR, "bankid.expired_transaction"),
        ("certificateErr", Launch.QR, "bankid.certificate_err"),
        ("userCancel", Launch.QR, "bankid.user_cancel"),
        ("cancelled", Launch.QR, "bankid.cancelled"),
        ("userDeclinedCall", Launch.QR, "bankid.user_declined_call"),
        ("notSupportedByUserApp", Launch.QR, "bankid.not_supported_by_user_app"),
        ("transactionRiskBlocked", Launch.QR, "bankid.transaction_risk_blocked"),
        ("mrtdVerificationFailed", Launch.QR, "bankid.mrtd_verification_failed"),
        ("facialRecognitionFailed", Launch.QR, "bankid.facial_recognition_failed"),
        ("nfcNotSupportedByDevice", Launch.QR, "bankid.nfc_not_supported"),
        ("multipleBankIdsOnDevice", Launch.QR, "bankid.multiple_bankids"),
        ("stepUpFailed", Launch.QR, "bankid.step_up_failed"),
        ("somethingNew", Launch.QR, "bankid.unknown_failed"),
    ],
)
def test_an_order_that_failed_says_why(hint: str, launch: Launch, key: str) -> None:
    assert failed_message(hint, launch) == key
    assert key in MESSAGE_KEYS


@each(
    "code, key",
    [
        ("alreadyInProgress", "bankid.already_in_progress"),
        ("requestTimeout", "bankid.unavailable"),
        ("internalError", "bankid.unavailable"),
        ("tooManyRequests", "bankid.unavailable"),
        ("maintenance", "bankid.maintenance"),
        ("Maintenance", "bankid.maintenance"),
        ("invalidParameters", "bankid.our_fault"),
        ("unauthorized", "bankid.our_fault"),
        ("notFound", "bankid.our_fault"),
        ("methodNotAllowed", "bankid.our_fault"),
        ("unsupportedMediaType", "bankid.our_fault"),
        ("tls", "bankid.our_fault"),
        ("connection", "bankid.unavailable"),
        ("network", "bankid.unavailable"),
        ("unreadableAnswer", "bankid.unavailable"),
        ("status502", "bankid.unavailable"),
        ("status302", "bankid.unknown_failed"),
        ("somethingNew", "bankid.unknown_failed"),
    ],
)
def test_an_error_says_whose_fault_it_is(code: str, key: str) -> None:
    assert error_message(code) == key
    assert key in MESSAGE_KEYS


@each("error", [BankIdError, BankIdUnavailable, BankIdRefused, BankIdMisused, OrderGone])
def test_every_kind_of_error_has_a_message_of_its_own(error: type[BankIdError]) -> None:
    assert error("any").message_key in MESSAGE_KEYS


def test_a_completed_order_has_a_message() -> None:
    assert COMPLETE in MESSAGE_KEYS


@each(
    "code, key",
    [
        ("userCancel", "bankid.user_cancel"),
        ("startFailed", "bankid.start_failed.qr"),
        ("maintenance", "bankid.maintenance"),
        ("status502", "bankid.unavailable"),
        ("anotherDevice", "bankid.another_device"),
        ("evidenceRefused", "bankid.our_fault"),
        ("answerUnreadable", "bankid.answer_unreadable"),
        ("answerLost", "bankid.answer_lost"),
        ("somethingNew", "bankid.unknown_failed"),
    ],
)
def test_an_order_that_stopped_says_why_no_matter_who_stopped_it(code: str, key: str) -> None:
    assert stopped_message(code, Launch.QR) == key
