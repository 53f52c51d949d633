"""Claim names: those of Claims and Scopes for the Swedish profile that we give, which are addresses."""

_ID_OIDC_SE = "https://id.oidc.se/claim/"

PERSONAL_NUMBER_CLAIM = f"{_ID_OIDC_SE}personalIdentityNumber"
COORDINATION_NUMBER_CLAIM = f"{_ID_OIDC_SE}coordinationNumber"
ORG_NUMBER_CLAIM = f"{_ID_OIDC_SE}orgNumber"
ORG_NAME_CLAIM = f"{_ID_OIDC_SE}orgName"
AUTHN_PROVIDER_CLAIM = f"{_ID_OIDC_SE}authnProvider"
DEVICE_IP_CLAIM = f"{_ID_OIDC_SE}deviceIp"
VALID_FROM_CLAIM = f"{_ID_OIDC_SE}credentialValidFrom"
VALID_TO_CLAIM = f"{_ID_OIDC_SE}credentialValidTo"
USER_SIGNATURE_CLAIM = f"{_ID_OIDC_SE}userSignature"
AUTHN_EVIDENCE_CLAIM = f"{_ID_OIDC_SE}authnEvidence"
