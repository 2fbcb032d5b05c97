"""What `trialplate family new` writes: a whole small family to start from, with its project around it."""
