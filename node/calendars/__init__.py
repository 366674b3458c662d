"""Reading calendar files (RFC 5545) that others wrote: from bytes to documents of the exchange format. Pure."""
