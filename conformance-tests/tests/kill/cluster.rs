//! PostgreSQL servers of a test's own, which may be restarted, killed and promoted.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

/// Servers in one folder; all are gone when this is.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Stays while its standard input is open.
    keeper: Child,
    held: Option<ChildStdin>,
}

/// One server.
pub(crate) struct Node<'a> {
    cluster: &'a Cluster,
    folder: PathBuf,
    port: u16,
}

const USER: &str = "scim";
const DATABASE: &str = "scim";
/// What the standby is called by the primary.
const STANDBY: &str = "standby";

impl Cluster {
    pub(crate) fn new() -> Self {
        let programs = programs();
        // Not TMPDIR: the path of a Unix socket ends at 107 bytes. The keeper removes it.
        let folder = tempfile::Builder::new()
            .prefix("scim-cluster-")
            .tempdir_in("/tmp")
            .map(TempDir::keep)
            .expect("a folder can be made in /tmp");
        if is_root() {
            let (user, group) = unprivileged();
            chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
        }
        let mut keeper = command(Path::new("sh"))
            .args(["-c", include_str!("cluster.sh"), "cluster.sh"])
            .args([&programs, &folder])
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh can be started");
        Self {
            programs,
            folder,
            held: keeper.stdin.take(),
            keeper,
        }
    }

    /// A server with an empty database.
    pub(crate) fn primary(&self) -> Node<'_> {
        let node = self.node("primary");
        self.run("initdb", |initdb| {
            initdb.args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
            initdb.arg("-D").arg(node.data());
        });
        node.set(&format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = {}\n\
             max_connections = 100\nshared_buffers = 32MB",
            node.port
        ));
        node.start();
        self.run("createdb", |createdb| {
            createdb.args(node.address()).arg(DATABASE);
        });
        node
    }

    /// A server that follows the primary. From now on the primary acknowledges nothing that this
    /// one has not written to its disk.
    pub(crate) fn synchronous_standby(&self, primary: &Node<'_>) -> Node<'_> {
        let node = self.node(STANDBY);
        let from = format!(
            "host=127.0.0.1 port={} user={USER} application_name={STANDBY}",
            primary.port
        );
        self.run("pg_basebackup", |backup| {
            backup.args(["-d", &from, "-R", "-X", "stream", "-c", "fast"]);
            backup
                .args(["-C", "-S", STANDBY])
                .arg("-D")
                .arg(node.data());
        });
        node.set(&format!("port = {}", node.port));
        node.start();
        primary.set(&format!("synchronous_standby_names = '{STANDBY}'"));
        primary.restart("fast");
        // Does not return before the standby has it.
        self.run("createdb", |createdb| {
            createdb.args(primary.address()).arg("followed");
        });
        node
    }

    fn node(&self, name: &str) -> Node<'_> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("127.0.0.1 has a free port");
        let port = listener.local_addr().expect("a listener has an address");
        let folder = self.folder.join(name);
        let mut mkdir = command(Path::new("mkdir"));
        succeed(mkdir.arg(&folder));
        Node {
            cluster: self,
            folder,
            port: port.port(),
        }
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) {
        let mut command = command(&self.programs.join(program));
        arguments(&mut command);
        succeed(&mut command);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.held = None;
        let _ended = self.keeper.wait();
    }
}

impl Node<'_> {
    /// `127.0.0.1:PORT`
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The database on the server that takes writes, of all these.
    pub(crate) fn url(nodes: &[&Node<'_>]) -> String {
        let hosts: Vec<_> = nodes.iter().map(|node| node.host()).collect();
        let hosts = hosts.join(",");
        format!("postgres://{USER}@{hosts}/{DATABASE}?target_session_attrs=read-write")
    }

    /// Ends all sessions at once, as after a crash, and is back when this returns.
    pub(crate) fn restart(&self, mode: &str) {
        self.control(&["restart", "-m", mode]);
    }

    /// Takes writes when this returns.
    pub(crate) fn promote(&self) {
        self.control(&["promote"]);
    }

    /// The machine stands still: whoever asks the server gets no answer, not even that it is gone.
    pub(crate) fn freeze(&self) {
        let postmaster = &self.postmaster();
        // The postmaster first: it starts another child for one that it loses.
        signal("-STOP", &[postmaster]);
        signal("-STOP", &children(postmaster));
    }

    /// The power is cut: every process of the server is gone, and none has a last word.
    pub(crate) fn kill(&self) {
        self.freeze();
        let postmaster = &self.postmaster();
        signal("-KILL", &children(postmaster));
        signal("-KILL", &[postmaster]);
    }

    fn postmaster(&self) -> String {
        let file = self.data().join("postmaster.pid");
        let text = fs::read_to_string(&file).expect("a server that runs says who it is");
        text.lines()
            .next()
            .expect("its first line is a number")
            .to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn address(&self) -> [String; 6] {
        let port = self.port.to_string();
        ["-h", "127.0.0.1", "-U", USER, "-p", &port].map(str::to_owned)
    }

    fn set(&self, settings: &str) {
        let file = self.data().join("postgresql.conf");
        let before = fs::read_to_string(&file).expect("a server has settings");
        fs::write(&file, format!("{before}\n{settings}\n")).expect("its settings can be written");
    }

    fn start(&self) {
        self.control(&["start"]);
    }

    fn control(&self, arguments: &[&str]) {
        self.cluster.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(arguments).arg("-w").arg("-D").arg(self.data());
            if arguments != ["promote"] {
                pg_ctl.arg("-l").arg(self.folder.join("log"));
            }
        });
    }
}

fn children(process: &str) -> Vec<String> {
    let children = format!("/proc/{process}/task/{process}/children");
    let children = fs::read_to_string(children).expect("Linux tells the children");
    children.split_whitespace().map(str::to_owned).collect()
}

fn signal(signal: &str, processes: &[impl AsRef<OsStr>]) {
    // A child may be gone by now.
    let _some_gone = command(Path::new("kill"))
        .arg(signal)
        .args(processes)
        .stderr(Stdio::null())
        .status();
}

/// A command as somebody PostgreSQL runs for: it refuses root.
fn command(program: &Path) -> Command {
    let mut command = if is_root() {
        let (user, group) = unprivileged();
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={user}"), format!("--regid={group}")]);
        command.arg("--clear-groups").arg(program);
        command
    } else {
        Command::new(program)
    };
    // The developer's own server must not be taken for this one.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C.UTF-8").current_dir("/");
    command
}

fn succeed(command: &mut Command) {
    // Into a file and not a pipe: a server that goes on running would keep a pipe open.
    let said = tempfile::tempfile().expect("a temporary file can be made");
    let output = || said.try_clone().expect("a file can be had twice").into();
    let status = command
        .stdin(Stdio::null())
        .stdout::<Stdio>(output())
        .stderr::<Stdio>(output())
        .status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}\n{}", read(said));
}

fn read(mut file: fs::File) -> String {
    use std::io::{Read as _, Seek as _};
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    read.map_or_else(|error| error.to_string(), |_| text)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// User and group of `postgres`, which its package makes, or of `nobody`.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("Linux has /etc/passwd");
    let found = ["postgres:", "nobody:"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.starts_with(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    found.expect("PostgreSQL refuses root, and there is no user `nobody` either")
}

/// The folder of the newest PostgreSQL. Debian keeps its programs off the PATH.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<_> = versions
        .filter_map(|version| {
            let version = version.ok()?;
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .collect();
    folders.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let newest_first = folders.into_iter().rev().map(|(_, folder)| folder);
    newest_first
        .chain(env::split_paths(&path))
        .find(|folder| folder.join("pg_basebackup").is_file())
        .expect("PostgreSQL is missing: run `apt-get install postgresql`, or `cargo xtask test`")
}
