"""ActivityPub: reading, writing, signing, receiving and delivering what groups tell each other."""
