"""What a command may say, in every form."""
