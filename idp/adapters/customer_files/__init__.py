"""The customer register as a file of an office program: lines of text cells."""
