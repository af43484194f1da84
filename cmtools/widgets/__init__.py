"""The doors for people in a notebook: a widget gathers what a person does and asks a `Client`. None holds the truth."""
