"""iNumbering (published by VoiceTel, carried by Inteliquent): numbers, brands, campaigns and assignments."""
