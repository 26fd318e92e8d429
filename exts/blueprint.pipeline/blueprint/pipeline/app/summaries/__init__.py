"""What a folder of ours, or a scan, is and contains: in words, and as plain data."""
