"""The first schema, in three parts; a released schema is never edited."""
