"""The journey of one person through one request, whatever identifies the person; the rules of OpenID Connect itself live in core/oidc."""
