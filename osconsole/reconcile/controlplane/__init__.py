"""The control plane's services as a table of descriptions, and code only where a family really differs."""
