"""What is left to decide of a system, once single points are taken out: cone by cone, shared between roots."""
