"""Schemas, compiled, and every walk over an object that follows one; `builtin/` has those of the built-in kinds."""
