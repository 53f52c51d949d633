"""Claims: which there are, who may have them, and where they are given."""
