"""From no tables to ours, and from other tables to ours."""
