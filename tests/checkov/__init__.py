"""What checkov finds in the templates, beside what the templates accept with a reason."""
