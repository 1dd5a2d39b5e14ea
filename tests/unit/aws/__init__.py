"""The tests of infra.aws without any AWS."""
