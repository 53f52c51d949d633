"""The database room: tables, field encryption, and one repository per port; it decides nothing and never commits by itself."""
