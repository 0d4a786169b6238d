"""YAML, every value with its place, to a checked fleet."""
