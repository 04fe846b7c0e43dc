"""Defaults and refusals of upstream's webhooks, as pure functions on objects."""
