"""The function under AWS's own runtime client, and real receivers."""
