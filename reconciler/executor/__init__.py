"""Walks the steps of a plan, side by side where nothing stands between them."""
