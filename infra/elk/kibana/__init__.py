"""Kibana's objects: data views, charts and the dashboard that shows them, for import."""
