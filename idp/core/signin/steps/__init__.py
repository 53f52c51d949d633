"""One step of the journey per module: when it is still needed, and what its page does. Steps never call one another."""
