"""What runs without a browser: the collector of BankID orders, the outbox, the sweeper and warnings of expiry.

Jobs reach the core's ports and adapters through what the assembly hands them; any number of nodes may run them, and
leases in the database decide who works.
"""
