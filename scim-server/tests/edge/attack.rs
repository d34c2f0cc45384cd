//! A thousand connections that mean no good, and one client that must not notice.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::support::{Program, ask, output};

const ATTACK: Duration = Duration::from_secs(30);
/// Each kind comes from an address of its own, which holds fewer than its connections may be.
const ATTACKERS_OF_A_KIND: u32 = 250;
const REQUESTS_PER_SECOND: u32 = 25;
/// A connection is closed at most this long after its deadline.
const GRACE: Duration = Duration::from_secs(1);
const GROWTH_MAX_KIB: u64 = 64 * 1024;
const OPEN_FILES: u32 = 4096;

#[derive(Debug, Clone)]
struct Attack {
    from: &'static str,
    /// What is sent at once, and what is sent every half second.
    first: String,
    then: &'static str,
    /// When the server must have closed.
    deadline: Duration,
}

fn attacks(secret: &str) -> [Attack; 4] {
    let post = |length: usize| {
        format!(
            "POST /t/other/scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {secret}\r\n\
             Content-Length: {length}\r\n\r\n"
        )
    };
    let attack = |from, first, then, deadline_s| Attack {
        from,
        first,
        then,
        deadline: Duration::from_secs(deadline_s),
    };
    let oversized = post(20 * 1024 * 1024) + &"x".repeat(64 * 1024);
    [
        attack("127.0.0.2:0", String::new(), "", 5),
        attack(
            "127.0.0.3:0",
            "GET / HTTP/1.1\r\n".to_owned(),
            "x: y\r\n",
            5,
        ),
        attack("127.0.0.4:0", post(10_000), " ", 10),
        attack("127.0.0.5:0", oversized, "xxxxxxxx", 5),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_serves_while_it_is_attacked() {
    allow_open_files();
    let folder = tempfile::tempdir().unwrap();
    let line = "--listen 127.0.0.1:0 --log warn,scim_server::command=info --body-seconds 10 \
                --rate-limit 1000 --rate-burst 2000";
    let program = Program::start(&folder, line);
    output(&folder, "tenant create other");
    let main = output(&folder, "token create --tenant main --name Entra");
    let other = output(&folder, "token create --tenant other --name Attacker");
    let target: SocketAddr = program.address.parse().unwrap();

    let good = tokio::spawn(behave(
        program.address.clone(),
        main.clone(),
        2 * REQUESTS_PER_SECOND,
    ));
    good.await.unwrap();
    let before = resident_kib(&program);

    let until = Instant::now() + ATTACK;
    let mut attackers = JoinSet::new();
    for attack in attacks(&other) {
        let attack = Arc::new(attack);
        for _ in 0..ATTACKERS_OF_A_KIND {
            attackers.spawn(go_on(Arc::clone(&attack), target, until));
        }
    }
    let seconds = u32::try_from(ATTACK.as_secs()).unwrap();
    let good = behave(program.address.clone(), main, seconds * REQUESTS_PER_SECOND);
    let good = tokio::spawn(good);
    while let Some(attacker) = attackers.join_next().await {
        attacker.unwrap();
    }
    good.await.unwrap();

    // Every connection of theirs is closed: what they cost is given back.
    let after = resident_kib(&program);
    println!("resident: {before} KiB before the attack, {after} KiB after it");
    assert!(
        after <= before + GROWTH_MAX_KIB,
        "{before} KiB became {after} KiB"
    );
}

/// So many requests, evenly, each of which must succeed.
async fn behave(address: String, secret: String, requests: u32) {
    let mut ticks = interval(Duration::from_secs(1) / REQUESTS_PER_SECOND);
    for n in 0..requests {
        ticks.tick().await;
        let (method, path, body) = if n % 5 == 0 {
            let name = format!("{n} of {requests}");
            let user = format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#
            );
            ("POST", "/Users", user)
        } else {
            ("GET", "/Users?count=10", String::new())
        };
        let length = body.len();
        let request = format!(
            "{method} /t/main/scim/v2{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {secret}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = ask(&address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 20"), "request {n}: {answer:?}");
    }
}

/// Attacks again and again, at most once a second.
async fn go_on(attack: Arc<Attack>, target: SocketAddr, until: Instant) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        ticks.tick().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(attack.from.parse().unwrap()).unwrap();
        let Ok(stream) = socket.connect(target).await else {
            continue;
        };
        let begun = Instant::now();
        let ended = timeout(attack.deadline + GRACE, hold(stream, &attack)).await;
        assert!(
            ended.is_ok(),
            "after {:?} a connection from {} is open",
            begun.elapsed(),
            attack.from
        );
    }
}

/// Keeps the connection until the other side closes it.
async fn hold(stream: TcpStream, attack: &Attack) {
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        // Whoever is closed upon cannot send: reading sees it too.
        let _ = write.write_all(attack.first.as_bytes()).await;
        let mut ticks = interval(Duration::from_millis(500));
        loop {
            ticks.tick().await;
            let _ = write.write_all(attack.then.as_bytes()).await;
        }
    };
    let mut answer = Vec::new();
    // Whoever closes while bytes are on their way resets; that is an end too.
    let reading = read.read_to_end(&mut answer);
    tokio::select! {
        () = sending => {}
        _ = reading => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
    assert!(refused, "{} was told {answer}", attack.from);
}

/// What the system lets a process open by default is less than this test needs; the program
/// inherits what this one may.
fn allow_open_files() {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let now = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    if now.is_some_and(|now: u32| now < OPEN_FILES) {
        let pid = std::process::id();
        let line = format!("prlimit --pid {pid} --nofile={OPEN_FILES}:");
        let raised = Command::new("sh").args(["-c", &line]).status().unwrap();
        assert!(raised.success(), "this test needs {OPEN_FILES} open files");
    }
}

fn resident_kib(program: &Program) -> u64 {
    let path = format!("/proc/{}/status", program.process.id());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse().unwrap()
}
