"""Every decision, pure: what differs, what is done about it, in which order, and what may not be done."""
