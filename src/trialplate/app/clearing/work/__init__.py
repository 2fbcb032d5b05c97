"""What the worker does: trials in the sandbox, and every step that is due."""
