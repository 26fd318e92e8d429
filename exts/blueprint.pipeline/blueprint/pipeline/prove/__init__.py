"""Put a scene to the test: validators on its assets, trials in the engines."""
