"""Use cases about an account: block it, end its logins and links, withdraw a consent, confirm an address. They know no entrance."""
