"""What a person may ask for, one module a verb: its judgement (a Preview) and its writes. Pure."""
