"""What coordinators and maintainers ask of the house, and what the desk does."""
