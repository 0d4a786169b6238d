"""IntelePeer Atmosphere: SMS enablement and webhooks of numbers that the account holds already."""
