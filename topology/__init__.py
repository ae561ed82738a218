"""The domain: entities, agreements, promises, and the store that keeps them."""
