"""An agreement as one file that a person can read and pass on: what it says, and its formats. It measures nothing."""
