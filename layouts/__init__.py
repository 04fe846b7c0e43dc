"""Screens as data, one YAML document a screen."""
