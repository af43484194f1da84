"""How far several raters agree with one another, out of tables of decisions. The coefficients are in `ratings`."""
