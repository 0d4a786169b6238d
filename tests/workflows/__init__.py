"""Whole runs, from YAML to the carriers' ledgers."""
