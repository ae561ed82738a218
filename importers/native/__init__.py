"""The native format: what a company says of itself, in YAML, in one workbook or in CSV files."""
