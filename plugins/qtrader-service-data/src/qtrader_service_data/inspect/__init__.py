"""What is in a file of bars, what is wrong with it, and how to declare or mend it. Advises; a run guesses nothing."""
