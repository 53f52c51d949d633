"""Claims: which there are, who may have them, where they are given, and in which words a person is asked about them."""
