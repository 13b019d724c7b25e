//! Weak RSA keys: sizes, exponents and the ROCA fingerprint.
