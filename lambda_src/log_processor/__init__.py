"""Reads load balancer logs from S3 and delivers each line as one JSON event to Logstash."""
