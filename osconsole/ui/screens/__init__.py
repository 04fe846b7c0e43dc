"""One module per screen. A screen places panes and passes intents to the session."""
