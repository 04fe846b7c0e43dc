"""What the server says of its schemas: OpenAPI v3 and v2."""
