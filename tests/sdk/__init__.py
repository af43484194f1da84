"""The vendor's own clients, unchanged, against our service: what works with these works for code written long ago."""
