"""From which score on a tag counts: what every threshold would do, and which one is chosen. It sets nothing itself."""
