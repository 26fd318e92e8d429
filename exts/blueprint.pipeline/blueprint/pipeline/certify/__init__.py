"""Certify: every promise of a dataset measured on its files, gates, and the certificate."""
