"""Sandbox compute nodes that answer real SSH."""
