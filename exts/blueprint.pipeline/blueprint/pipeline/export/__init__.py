"""Export: neutral episodes become a LeRobot dataset with its sources."""
