"""What agreements say and when: their time, windows and budgets, which of them applies, and when they end."""
