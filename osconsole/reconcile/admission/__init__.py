"""What the OpenStack operators' webhooks fill in and refuse, as pure functions; nothing here is stored or sent."""
