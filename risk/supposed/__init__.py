"""What a scenario supposes: its operations, and what they change in facts, needs and promises."""
