"""An audit as one file: plan, reviews, decisions and choices, its report, and its check against the service's trail."""
