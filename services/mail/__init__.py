"""Mails: those that an event, a time or a lead causes, what each person wants of them, and the server that takes them."""
