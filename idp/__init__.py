"""The OpenID Connect provider with Swedish BankID: everything that runs in production, and nothing of the world around it."""
