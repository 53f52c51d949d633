"""BankID orders in the database: the browser's side, the collector's side, and the rows that both share."""
