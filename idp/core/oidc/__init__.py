"""The protocol: what OAuth 2.0 and OpenID Connect ask of a provider, as decisions over values.

Owns requests, clients, grants, tokens, claims and their errors. Knows nothing of how a person is identified:
that is `idp.core.signin`.
"""
