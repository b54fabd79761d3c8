"""What all endpoints share: requests, errors, limits, uploads, image responses, OpenAPI."""
