//! Attacks on the program over real sockets: whoever sends what no client sends is cut off soon, costs
//! little, and takes nobody else's place. Bounds are wide: only what never ends misses them.

mod target;
mod attacker;
mod refused; // a refused request that never ends
mod unread; // answers that nobody reads
mod slow; // heads that take their time, connections that say nothing
mod console; // pages, tokens and probes of others
mod flood; // more connections than there are files
