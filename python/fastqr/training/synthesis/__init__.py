"""Pictures for training: symbols, what the world does to them, and what stands around them. All of it grey, 0..1."""
