"""Deploying: a plan of plain steps, carried out through `infra.aws`."""
