"""What can be done with resources: one module a verb, from a call to an answer."""
