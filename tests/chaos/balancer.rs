//! A balancer: each connection goes to the next instance that takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Listens on a port of its own, which is returned, as long as the runtime lives.
pub(crate) async fn balance(instances: Vec<u16>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (instances, next) = (Arc::new(instances), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, Arc::clone(&instances), Arc::clone(&next)));
        }
    });
    port
}

async fn carry(mut client: TcpStream, instances: Arc<Vec<u16>>, next: Arc<AtomicUsize>) {
    for _ in 0..instances.len() {
        let port = instances[next.fetch_add(1, Ordering::Relaxed) % instances.len()];
        if let Ok(mut instance) = TcpStream::connect(("127.0.0.1", port)).await {
            let _ = copy_bidirectional(&mut client, &mut instance).await;
            return;
        }
    }
}
