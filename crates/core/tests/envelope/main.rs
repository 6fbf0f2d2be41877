//! The credential envelope from outside: format, tampering, key ring, access records, rotation, leaks.
#![cfg(feature = "envelope")]

mod access;
mod corpus;
mod leaks;
mod ring;
mod rotation;
mod support;
mod tamper;
mod vectors;
