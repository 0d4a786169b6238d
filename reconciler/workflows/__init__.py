"""The runs themselves: a file a command, each readable from top to bottom."""
