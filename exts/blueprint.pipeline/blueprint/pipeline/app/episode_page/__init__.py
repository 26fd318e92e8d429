"""The page of one episode: pictures, plots and events on one clock, and why it ended as it did."""
