"""The options that Logstash's plugins have, read from their sources.

Those that the version in Logstash 8.19.0 and the one in 9.5.2 both have, and that neither calls
deprecated or obsolete:
https://github.com/elastic/logstash/blob/v8.19.0/Gemfile.jruby-3.1.lock.release
https://github.com/elastic/logstash/blob/v9.5.2/Gemfile.jruby-3.4.lock.release
"""

from __future__ import annotations

from collections.abc import Mapping

# https://github.com/elastic/logstash/tree/v9.5.2/logstash-core/lib/logstash: plugin.rb, and base.rb
# of inputs, filters, outputs; ecs_compatibility is of all plugins that have it.
_ANY = {"ecs_compatibility", "enable_metric", "id"}
_INPUT = _ANY | {"add_field", "codec", "tags", "type"}
_FILTER = _ANY | {"add_field", "add_tag", "periodic_flush", "remove_field", "remove_tag"}
_OUTPUT = _ANY | {"codec"}

_SERVER_TLS = {
    *("ssl_certificate", "ssl_certificate_authorities", "ssl_cipher_suites"),
    *("ssl_client_authentication", "ssl_enabled", "ssl_key", "ssl_key_passphrase"),
    "ssl_supported_protocols",
}

OPTIONS: Mapping[str, frozenset[str]] = {
    # https://github.com/logstash-plugins/logstash-input-tcp: v6.4.6 and v7.0.12
    "tcp": frozenset(
        {
            *("dns_reverse_lookup_enabled", "host", "mode", "port", "proxy_protocol"),
            *("ssl_extra_chain_certs", "ssl_verification_mode", "tcp_keep_alive"),
            *_SERVER_TLS,
            *_INPUT,
        }
    ),
    # https://github.com/logstash-plugins/logstash-input-beats: v6.9.3 and v7.0.9
    "beats": frozenset(
        {
            *("client_inactivity_timeout", "enrich", "event_loop_threads", "executor_threads"),
            *("host", "port", "ssl_handshake_timeout"),
            *_SERVER_TLS,
            *_INPUT,
        }
    ),
    # https://github.com/logstash-plugins/logstash-input-dead_letter_queue: v2.0.1
    "dead_letter_queue": frozenset(
        {
            *("clean_consumed", "commit_offsets", "path", "pipeline_id", "sincedb_path"),
            "start_timestamp",
            *_INPUT,
        }
    ),
    # https://github.com/logstash-plugins/logstash-codec-json_lines: v3.2.2
    "json_lines": frozenset({"charset", "decode_size_limit_bytes", "delimiter", "target", *_ANY}),
    # https://github.com/logstash-plugins/logstash-filter-date: v3.1.15
    "date": frozenset({"locale", "match", "tag_on_failure", "target", "timezone", *_FILTER}),
    # https://github.com/logstash-plugins/logstash-filter-grok: v4.4.3 and v4.4.4
    "grok": frozenset(
        {
            *("break_on_match", "keep_empty_captures", "match", "named_captures_only"),
            *("overwrite", "pattern_definitions", "patterns_dir", "patterns_files_glob"),
            *("tag_on_failure", "tag_on_timeout", "target", "timeout_millis", "timeout_scope"),
            *_FILTER,
        }
    ),
    # https://github.com/logstash-plugins/logstash-filter-mutate: v3.5.8 and v3.6.0
    "mutate": frozenset(
        {
            *("capitalize", "coerce", "convert", "copy", "gsub", "join", "lowercase", "merge"),
            *("rename", "replace", "split", "strip", "tag_on_failure", "update", "uppercase"),
            *_FILTER,
        }
    ),
    # https://github.com/logstash-plugins/logstash-filter-uuid: v3.0.5
    "uuid": frozenset({"overwrite", "target", *_FILTER}),
    # https://github.com/logstash-plugins/logstash-filter-ruby: v3.1.8
    "ruby": frozenset(
        {
            *("code", "init", "path", "script_params", "tag_on_exception"),
            "tag_with_exception_message",
            *_FILTER,
        }
    ),
    # https://github.com/logstash-plugins/logstash-output-elasticsearch: v11.22.12 and v12.1.6
    "elasticsearch": frozenset(
        {
            *("action", "api_key", "bulk_path", "ca_trusted_fingerprint", "cloud_auth", "cloud_id"),
            *("compression_level", "custom_headers", "data_stream", "data_stream_auto_routing"),
            *("data_stream_dataset", "data_stream_namespace", "data_stream_sync_fields"),
            *("data_stream_type", "dlq_custom_codes", "dlq_on_failed_indexname_interpolation"),
            *("doc_as_upsert", "document_id", "healthcheck_path", "hosts", "ilm_enabled"),
            *("ilm_pattern", "ilm_policy", "ilm_rollover_alias", "index", "join_field"),
            *("manage_template", "parameters", "parent", "password", "path", "pipeline"),
            *("pool_max", "pool_max_per_route", "proxy", "resurrect_delay"),
            *("retry_initial_interval", "retry_max_interval", "retry_on_conflict", "routing"),
            *("script", "script_lang", "script_type", "script_var_name", "scripted_upsert"),
            *("silence_errors_in_log", "sniffing", "sniffing_delay", "sniffing_path"),
            *("ssl_certificate", "ssl_certificate_authorities", "ssl_cipher_suites"),
            *("ssl_enabled", "ssl_key", "ssl_keystore_password", "ssl_keystore_path"),
            *("ssl_keystore_type", "ssl_supported_protocols", "ssl_truststore_password"),
            *("ssl_truststore_path", "ssl_truststore_type", "ssl_verification_mode", "template"),
            *("template_api", "template_name", "template_overwrite", "timeout", "upsert", "user"),
            *("validate_after_inactivity", "version", "version_type"),
            *_OUTPUT,
        }
    ),
}

# https://github.com/elastic/logstash/blob/v8.19.0/logstash-core/lib/logstash/settings.rb
# and the same of v9.5.2; without what 9 calls deprecated.
PIPELINE_SETTINGS = frozenset(
    {
        *("config.debug", "config.string", "config.support_escapes", "dead_letter_queue.enable"),
        *("dead_letter_queue.flush_interval", "dead_letter_queue.max_bytes"),
        *("dead_letter_queue.retain.age", "dead_letter_queue.storage_policy", "metric.collect"),
        *("path.config", "path.dead_letter_queue", "path.queue", "pipeline.batch.delay"),
        *("pipeline.batch.size", "pipeline.ecs_compatibility", "pipeline.id", "pipeline.ordered"),
        *("pipeline.plugin_classloaders", "pipeline.reloadable", "pipeline.system"),
        *("pipeline.workers", "queue.checkpoint.acks", "queue.checkpoint.retry"),
        *("queue.checkpoint.writes", "queue.drain", "queue.max_bytes", "queue.max_events"),
        *("queue.page_capacity", "queue.type"),
    }
)
