"""How the provider reaches the outside: BankID, storage, files and mail; no decision about people or protocol is taken here."""
