"""Tables and figures of what systems cost, and what becomes of the field's claims about it."""
