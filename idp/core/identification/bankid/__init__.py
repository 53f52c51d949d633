"""BankID as a method of identification: orders, the animated QR code, opening the app, and what its answers mean."""
