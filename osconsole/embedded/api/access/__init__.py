"""Who asks and what they may: certificates, tokens, RBAC."""
