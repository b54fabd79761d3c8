"""The report that compares versions of a family: as Markdown, and as one HTML file that opens without a server."""
