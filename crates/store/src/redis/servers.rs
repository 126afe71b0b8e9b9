//! From an address to a connection with the server that takes writes.

use std::time::Duration;

use futures_util::future::select_ok;
use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind,
    IntoConnectionInfo, RedisConnectionInfo, RedisError, RedisResult, Value,
};
use secrecy::ExposeSecret;

use super::address::{Address, Kind, Login};

/// For a connection, and for an answer on it.
pub(super) const TIMEOUT: Duration = Duration::from_millis(200);
/// For a whole call: a connection, an answer, and some waiting for the other callers.
pub(super) const PATIENCE: Duration = Duration::from_millis(2 * TIMEOUT.as_millis() as u64 + 50);
/// How often a cluster may send a request on to another node, and the pauses between.
const REDIRECTIONS: u32 = 2;
const PAUSE_MS: (u64, u64) = (10, 50);

/// A connection that many calls share.
#[derive(Clone)]
pub(super) enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Wire {
    /// Of a cluster, the master of this slot, if one is given.
    pub(super) async fn ask(&mut self, cmd: &Cmd, slot: Option<u16>) -> RedisResult<Value> {
        let answer = match (self, slot) {
            (Self::One(connection), _) => connection.req_packed_command(cmd).await,
            (Self::Cluster(connection), None) => connection.req_packed_command(cmd).await,
            (Self::Cluster(connection), Some(slot)) => {
                let master =
                    SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master));
                connection.route_command(cmd.clone(), RoutingInfo::SingleNode(master)).await
            }
        };
        answer?.extract_error()
    }
}

/// Connects. Spawns the task that reads answers on the runtime it is called on.
pub(super) async fn connect(address: &Address) -> RedisResult<Wire> {
    match &address.kind {
        Kind::One => Ok(Wire::One(to_server(address, address.hosts[0].clone()).await?)),
        Kind::Cluster => Ok(Wire::Cluster(to_cluster(address).await?)),
        Kind::Sentinel(master) => Ok(Wire::One(to_master(address, master).await?)),
    }
}

async fn to_server(address: &Address, host: (String, u16)) -> RedisResult<MultiplexedConnection> {
    open(info(address, host, &address.login, address.database)?).await
}

async fn to_cluster(address: &Address) -> RedisResult<ClusterConnection> {
    let info = |host: &(String, u16)| info(address, host.clone(), &address.login, 0);
    let nodes = address.hosts.iter().map(info).collect::<RedisResult<Vec<_>>>()?;
    let client = ClusterClient::builder(nodes)
        .connection_timeout(TIMEOUT)
        .response_timeout(TIMEOUT)
        .retries(REDIRECTIONS)
        .min_retry_wait(PAUSE_MS.0)
        .max_retry_wait(PAUSE_MS.1)
        .tcp_settings(at_once())
        .build()?;
    client.get_async_connection().await
}

/// A connection to listen on. Of a cluster any node will do: it hears what the others hear.
pub(super) async fn listen(address: &Address) -> RedisResult<PubSub> {
    match &address.kind {
        Kind::One => listen_to(address, address.hosts[0].clone()).await,
        Kind::Cluster => {
            let listen = |host: &(String, u16)| Box::pin(listen_to(address, host.clone()));
            Ok(select_ok(address.hosts.iter().map(listen)).await?.0)
        }
        Kind::Sentinel(master) => {
            let (host, _) = find_master(address, master).await?;
            listen_to(address, host).await
        }
    }
}

async fn listen_to(address: &Address, host: (String, u16)) -> RedisResult<PubSub> {
    let info = info(address, host, &address.login, address.database)?;
    Client::open(info)?.get_async_pubsub().await
}

async fn to_master(address: &Address, name: &str) -> RedisResult<MultiplexedConnection> {
    Ok(find_master(address, name).await?.1)
}

type Master = ((String, u16), MultiplexedConnection);

/// Asks all Sentinels at once, and believes the first that knows a master which agrees.
async fn find_master(address: &Address, name: &str) -> RedisResult<Master> {
    let ask = |host: &(String, u16)| Box::pin(by_sentinel(address, host.clone(), name));
    Ok(select_ok(address.hosts.iter().map(ask)).await?.0)
}

async fn by_sentinel(
    address: &Address,
    sentinel: (String, u16),
    name: &str,
) -> RedisResult<Master> {
    let mut sentinel = open(info(address, sentinel, &address.sentinel_login, 0)?).await?;
    let mut which = redis::cmd("SENTINEL");
    which.arg("get-master-addr-by-name").arg(name);
    let known: Option<(String, u16)> = which.query_async(&mut sentinel).await?;
    let host = known.ok_or((ErrorKind::MasterNameNotFoundBySentinel, "no master of this name"))?;
    let mut master = to_server(address, host.clone()).await?;
    match role(&mut master).await?.as_str() {
        "master" => Ok((host, master)),
        role => Err(not_master(role)),
    }
}

/// A Sentinel may not know yet that the master is another one.
async fn role(server: &mut MultiplexedConnection) -> RedisResult<String> {
    let role: Vec<Value> = redis::cmd("ROLE").query_async(server).await?;
    let first = role.into_iter().next().unwrap_or(Value::Nil);
    Ok(redis::from_redis_value(first)?)
}

fn not_master(role: &str) -> RedisError {
    (ErrorKind::Client, "the server that Sentinel named is no master", role.to_owned()).into()
}

async fn open(info: ConnectionInfo) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT));
    Client::open(info)?.get_multiplexed_async_connection_with_config(&config).await
}

fn info(
    address: &Address,
    (host, port): (String, u16),
    login: &Login,
    database: i64,
) -> RedisResult<ConnectionInfo> {
    let host = match address.is_tls() {
        true => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
        false => ConnectionAddr::Tcp(host, port),
    };
    let mut settings = RedisConnectionInfo::default().set_db(database).set_skip_set_lib_name();
    if let Some(user) = &login.user {
        settings = settings.set_username(user);
    }
    if let Some(password) = &login.password {
        settings = settings.set_password(password.expose_secret());
    }
    let info = host.into_connection_info()?;
    Ok(info.set_redis_settings(settings).set_tcp_settings(at_once()))
}

/// Small packets are not held back.
fn at_once() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}
