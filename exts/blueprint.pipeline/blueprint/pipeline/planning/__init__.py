"""How an arm moves free of collisions: postures, straight lines, searched ways, and when each point is reached."""
