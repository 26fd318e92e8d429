"""The door to services outside: secrets now; clients of reconstruction, articulation and storage come here."""
