"""Publishing: what the public is told of a case, and whether it may be. Pure."""
