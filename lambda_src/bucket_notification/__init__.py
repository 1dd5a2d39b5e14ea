"""Puts one notification on a bucket that somebody else owns, among those that others have there."""
