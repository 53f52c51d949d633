"""The authorization endpoint's decisions: the ledger of checks, request objects, pushed requests, and the response."""
