"""The operations console for OpenStack that runs on Kubernetes."""
