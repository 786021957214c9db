"""What trains the engine's models: the material, and how it is learnt from. No grading needs it."""
