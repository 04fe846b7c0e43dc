"""Kubernetes' own controllers, as ordinary API clients over HTTP."""
