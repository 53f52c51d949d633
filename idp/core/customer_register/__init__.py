"""The customer register: what an import means for the companies and people that are there already."""
