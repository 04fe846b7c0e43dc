"""Bad weather on request: which answers misbehave, and how."""
