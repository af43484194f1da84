"""Where decisions come from, and how a table of them is read. Nothing is counted here."""
