"""Pages for people: the public site and the stewards' desk."""
