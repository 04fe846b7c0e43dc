"""The command line: one module per command group. Arguments, exit codes and text live here; judgement does not."""
