"""Relying parties: what they may declare, the rules between it, their security profiles, and how they prove who they are."""
