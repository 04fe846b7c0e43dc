"""One module per widget. Widgets do not know each other."""
