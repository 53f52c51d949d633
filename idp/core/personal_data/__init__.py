"""Personal data: what is kept about people, why, how long, and what becomes of it when somebody is erased."""
