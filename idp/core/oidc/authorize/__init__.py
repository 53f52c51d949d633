"""The authorization endpoint's decisions: the ordered checks, request objects, pushed requests, and the response."""
