"""The tests of infra.deploy with fakes."""
