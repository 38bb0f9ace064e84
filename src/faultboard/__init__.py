"""faultboard: transfer learning for industrial fault diagnosis, measured honestly."""

__version__ = "0.1.0"
