"""What a robot can be asked to do: templates, what of a scene fits them, and the sentence that says it."""
