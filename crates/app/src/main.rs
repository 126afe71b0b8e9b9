//! The program `wxbot`, with the plugins of this repository.

wxbot::main!();
