"""Rules of the function that reads load balancer logs."""
