"""Endpoints of the protocol: each reads an HTTP request, asks `idp.core.oidc` and writes the answer; decides nothing."""
