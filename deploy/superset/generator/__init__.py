"""Makes Superset's dashboard of what rfmart publishes."""
