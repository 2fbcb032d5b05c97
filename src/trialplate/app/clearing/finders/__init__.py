"""What finders ask of the house: claims, and reports of what they found."""
