"""The command line: one module per command group. argv, environment, exit codes and text output live here; judgement does not."""
