"""``tnctl state``: the records, looked at and mended."""
