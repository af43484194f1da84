"""The review service. It meets clients only on the wire."""
