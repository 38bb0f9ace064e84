"""What tests share: cards of their own, whole files as bytes, planted data, the real archives, stored predictions."""
