"""What receives the events, as files: Logstash's pipelines, Elasticsearch's templates, a dashboard.

Pure: an environment's settings in, files out. They are for Logstash and Elasticsearch 8.19 and 9,
and nothing in them is a secret: credentials stand in Logstash's keystore.
"""
