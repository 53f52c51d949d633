"""One module per version of the schema, in the order of their numbers; a released one is never edited."""
