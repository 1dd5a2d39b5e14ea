"""The tests of infra.blocks, each block in a template of its own."""
