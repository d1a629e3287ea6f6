//! Seeded data of a made-up chain, at any size.
