"""A carrier with two shops: numbers are bought by number, listed and given back."""
