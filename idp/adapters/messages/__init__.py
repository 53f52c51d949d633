"""Messages to others: e-mail to people, logout tokens to relying parties."""
