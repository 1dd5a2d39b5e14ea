"""The tests of infra.local's pure pieces, and of its receiver with real sockets."""
