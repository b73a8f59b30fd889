"""Every statement of ours goes where the host's own would go."""
