"""BankID's relying party interface: the calls over mutual TLS, and the evidence that comes back."""
