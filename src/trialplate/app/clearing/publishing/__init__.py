"""Standing releases, and the advisories that they let out."""
