"""Have a scan made from a photo by a reconstructor outside this program."""
