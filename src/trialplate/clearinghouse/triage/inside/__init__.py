"""Programs that run inside the sandbox, beside what is replayed: the standard library is all that they find there."""
