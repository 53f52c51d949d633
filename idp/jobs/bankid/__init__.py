"""BankID's own job: the collector, which alone speaks to BankID."""
