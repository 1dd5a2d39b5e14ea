"""Tests against the real local AWS."""
