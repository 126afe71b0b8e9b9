//! Links the plugins among this package's dependencies.

fn main() {
    wxbot_build::link_plugins();
}
