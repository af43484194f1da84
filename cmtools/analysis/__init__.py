"""Decisions, and how far auto tags and human tags agree. No HTTP, no service and no widget comes in here."""
