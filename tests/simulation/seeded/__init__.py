"""The seeded driver: whole lives of an account, thousands of them, each drawn from a number.

``schedule.py`` what a seed stands for · ``play.py`` one schedule from its first apply to its last · ``census.py`` what
was covered. ``python -m tests.simulation`` plays many; ``--trace SEED`` tells the story of one.
"""
