"""The nouns of recorded work: tasks, channels, episodes, outcomes, datasets."""
