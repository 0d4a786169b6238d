"""Infobip: numbers that are bought, listed and given back."""
