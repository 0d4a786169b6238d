"""tnctl: phone numbers as code, reconciled with the carriers that hold them."""

__version__ = "0.1.0"
