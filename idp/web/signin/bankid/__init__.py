"""BankID in the browser: its page, what the page's buttons and script ask for, and the address probe."""
