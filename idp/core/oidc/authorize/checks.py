"""Checks: which ones an authorization request passes, in which order.

Until a redirect URI is trusted a problem is displayed to the person; from then on it is answered to the client. The
order of CHECKS is the order of trust: nothing is answered anywhere before `redirect_uri_is_registered`, except that a
request object's own problems may go to a registered address beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.oidc.authorize import request_essentials as essentials
from idp.core.oidc.authorize import request_options as options
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, ValidatedRequest
from idp.core.oidc.authorize.validation_context import RequestEnvironment, RequestProblem, ValidationContext
from idp.core.oidc.errors import Displayed, Redirected
from idp.core.oidc.parameters import RawParameters

CHECKS: tuple[Callable[[ValidationContext], None], ...] = (
    # who asks, and with which parameters
    essentials.client_is_known,
    essentials.pushed_request_is_found,
    essentials.address_is_noted,
    essentials.parameters_stand_once,
    essentials.foreign_references_are_not_followed,
    essentials.request_object_is_read,
    essentials.request_is_short,
    # where the answer goes: from here on errors are redirected
    essentials.redirect_uri_is_registered,
    essentials.response_mode_is_known,
    essentials.response_type_is_code,
    essentials.request_came_the_required_way,
    essentials.state_and_nonce_fit,
    essentials.scope_has_openid,
    essentials.challenge_is_s256,
    # what else is asked for
    options.prompt_is_consistent,
    options.max_age_is_seconds,
    options.languages_are_noted,
    options.acr_values_are_noted,
    options.claims_are_read,
    options.essential_acr_is_possible,
    options.person_is_named_once,
    options.login_hint_fits,
    options.resources_are_allowed,
    options.dpop_key_is_noted,
    options.customer_wish_is_noted,
    options.user_message_is_clean,
)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Read and check an authorization request that a browser brought (OpenID Connect Core 3.1.2.2)."""

    environment: RequestEnvironment

    def __call__(self, parameters: RawParameters, now: datetime) -> ValidatedRequest:
        """Raises Displayed before a redirect URI is trusted, Redirected afterwards.

        Writes only the `jti` of a request object.
        """
        return check_for_browser(ValidationContext(environment=self.environment, parameters=parameters, now=now))


def check_for_browser(context: ValidationContext) -> ValidatedRequest:
    """Run the checks where a person looks on; raises Displayed and Redirected as `ReadRequest` does."""
    try:
        return check(context)
    except RequestProblem as problem:
        if context.reply_to is not None:
            raise Redirected(
                code=problem.code,
                description=problem.description,
                detail=problem.detail,
                diagnosis=problem.diagnosis,
                reply_to=context.reply_to,
            ) from None
        raise Displayed(
            code=problem.code,
            description=problem.description,
            detail=problem.detail,
            diagnosis=problem.diagnosis,
            client_id=context.client_found.client_id if context.client_found else None,
        ) from None


def check(context: ValidationContext) -> ValidatedRequest:
    """Run the checks from the top. Raises RequestProblem at the first one that says no."""
    for one in CHECKS:
        one(context)
    return ValidatedRequest(request=_freeze(context), client=context.client)


def _freeze(context: ValidationContext) -> AuthorizationRequest:
    reply_to = context.reply_to
    if reply_to is None:
        raise AssertionError("the checks end with a trusted redirect URI")
    return AuthorizationRequest(
        client_id=reply_to.client_id,
        redirect_uri=reply_to.redirect_uri,
        response_mode=reply_to.response_mode,
        state=reply_to.state,
        scope=context.scope,
        nonce=context.nonce,
        code_challenge=context.code_challenge,
        prompt=context.prompt,
        max_age=context.max_age,
        ui_locales=context.ui_locales,
        hinted_sub=context.hinted_sub,
        claims=context.claims,
        resources=context.resources,
        dpop_jkt=context.dpop_jkt,
        wants_new_customer=context.wants_new_customer,
        user_message=context.user_message,
        user_messages=context.user_messages,
        launch_hint=context.launch_hint,
        pushed_reference_hash=context.pushed_reference_hash,
        arrived_at=context.now,
    )
