"""Decisions become counts that add up, and facts of the whole. Nothing is estimated here."""
