"""Questions: text, Python and JSON to one meaning."""
