"""The door to programs and services outside: models that make scans and predict parts, secrets, archives."""
