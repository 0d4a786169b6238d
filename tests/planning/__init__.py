"""What is decided, on values alone where one module decides it, and on whole runs where many do."""
