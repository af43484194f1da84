"""Decisions kept so that a person can look around in them, and one look as plain values. It draws nothing."""
