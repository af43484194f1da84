"""Agreement of several raters as plain functions: patterns, scales, coefficients, models. No decision comes in here."""
