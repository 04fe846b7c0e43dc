"""Plans as data, one YAML document a plan."""
