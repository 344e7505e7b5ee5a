"""The room: the web application around the exchange and the case. The only Django code."""
