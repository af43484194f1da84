"""What metrics are measured on: cells, how their decisions came about, and resamples of them. No metric is here."""
