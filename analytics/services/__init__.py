"""The verbs of figures: facts are written anew when what they follow from has changed."""
