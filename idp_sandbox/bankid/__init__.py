"""A simulator of BankID's Relying Party API v6 with a virtual phone; knows nothing of its callers, and is no part of any product."""
