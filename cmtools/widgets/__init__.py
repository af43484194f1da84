"""The doors for people in a notebook: each widget gathers what a person does and asks a `Client`. No widget holds the truth."""
