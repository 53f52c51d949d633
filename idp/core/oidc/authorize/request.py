"""Request: reads an authorization request through an ordered ledger of checks.

Until a redirect URI is trusted a problem is displayed to the person; from then on it is answered to the client. The
order of CHECKS is the order of trust: nothing is answered anywhere before `redirect_uri_is_registered`, except that a
request object's own problems may go to a registered address beside it.
"""

from collections.abc import Callable

from idp.core.oidc.authorize import request_checks as checks
from idp.core.oidc.authorize import request_options as wishes
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.authorize.validation_context import Circumstances, Draft, RequestProblem
from idp.core.oidc.errors import Displayed, Redirected
from idp.core.oidc.parameters import RawParameters

__all__ = ["CHECKS", "AuthorizationRequest", "Prompt", "check", "check_for_browser", "read_request"]

CHECKS: tuple[Callable[[Draft], None], ...] = (
    # who asks, and with which parameters
    checks.client_is_known,
    checks.pushed_request_is_found,
    checks.address_is_noted,
    checks.parameters_stand_once,
    checks.foreign_references_are_not_followed,
    checks.request_object_is_read,
    checks.request_is_no_book,
    # where the answer goes: from here on errors are redirected
    checks.redirect_uri_is_registered,
    checks.response_mode_is_known,
    checks.response_type_is_code,
    checks.request_came_the_required_way,
    checks.state_and_nonce_fit,
    checks.scope_has_openid,
    checks.challenge_is_s256,
    # what is wished for
    wishes.prompt_is_consistent,
    wishes.max_age_is_seconds,
    wishes.presentation_is_noted,
    wishes.acr_values_are_noted,
    wishes.claims_are_read,
    wishes.essential_acr_is_possible,
    wishes.person_is_named_once,
    wishes.login_hint_fits,
    wishes.resources_are_allowed,
    wishes.dpop_key_is_noted,
    wishes.user_message_is_clean,
)


def read_request(raw: RawParameters, here: Circumstances) -> AuthorizationRequest:
    """Read and check a request that a browser brought (OpenID Connect Core 3.1.2.2).

    Raises Displayed before a redirect URI is trusted, Redirected afterwards. Writes only the `jti` of a request object.
    """
    return check_for_browser(Draft(circumstances=here, raw=raw))


def check_for_browser(draft: Draft) -> AuthorizationRequest:
    """Run the ledger where a person looks on; raises Displayed and Redirected as `read_request` does."""
    try:
        return check(draft)
    except RequestProblem as problem:
        if draft.reply_to is not None:
            raise Redirected(
                code=problem.code, description=problem.description, detail=problem.detail, reply_to=draft.reply_to
            ) from None
        raise Displayed(
            code=problem.code,
            description=problem.description,
            detail=problem.detail,
            client_id=draft.client_found.client_id if draft.client_found else None,
        ) from None


def check(draft: Draft) -> AuthorizationRequest:
    """Run the ledger from the top. Raises RequestProblem at the first check that says no."""
    for one in CHECKS:
        one(draft)
    return _freeze(draft)


def _freeze(draft: Draft) -> AuthorizationRequest:
    reply_to = draft.reply_to
    if reply_to is None:
        raise AssertionError("the ledger ends with a trusted redirect URI")
    return AuthorizationRequest(
        client_id=reply_to.client_id,
        redirect_uri=reply_to.redirect_uri,
        response_mode=reply_to.response_mode,
        state=reply_to.state,
        scope=draft.scope,
        nonce=draft.nonce,
        code_challenge=draft.code_challenge,
        prompt=draft.prompt,
        max_age=draft.max_age,
        ui_locales=draft.ui_locales,
        display=draft.display,
        acr_values=draft.acr_values,
        login_hint=draft.login_hint,
        hinted_sub=draft.hinted_sub,
        claims=draft.claims,
        resources=draft.resources,
        dpop_jkt=draft.dpop_jkt,
        user_message=draft.user_message,
        user_messages=draft.user_messages,
        launch_hint=draft.launch_hint,
        pushed_reference_hash=draft.pushed_reference_hash,
        arrived_at=draft.circumstances.now,
    )
