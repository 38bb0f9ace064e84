"""Pages: what each says, computed from the tables; no form is given to it here."""
