"""The client of a review service: `client.Client` is the door, `transport` the one file that opens connections."""
