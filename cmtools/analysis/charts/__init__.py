"""Charts for notebooks, each kind in a file of its own. The only room of altair; nothing is estimated here."""
