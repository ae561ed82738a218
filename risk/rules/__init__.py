"""The rules by which findings are raised, each with its code and severity."""
