"""Reviewers: how far they agree with known answers, with each other and with themselves, how fast, and what settles."""
