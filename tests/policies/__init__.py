"""What the synthesised policies allow and what they deny, evaluated rather than read."""
