"""The journey of one person through one request, BankID included; the rules of OpenID Connect itself live in core/oidc."""
