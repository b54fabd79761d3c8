"""What all routes share: reading requests, errors, limits, uploads, OpenAPI."""
