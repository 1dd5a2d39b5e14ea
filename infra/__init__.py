"""CloudFormation for a complete environment, and the Lambda code that runs in it."""
