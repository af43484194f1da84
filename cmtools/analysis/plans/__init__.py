"""Plans of what is to be reviewed, the samples they draw, and what those tell of all. No agreement is asked here."""
