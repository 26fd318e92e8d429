"""What a robot can do, one file each: every skill plans the legs of a motion from a situation."""
