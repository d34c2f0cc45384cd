//! The key that signs checkpoints, in a file that the database does not know.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;

use crate::audit::{AuditKey, PublicKey};
use crate::clock::random;
use crate::command::settings::Settings;

/// The key of a process that serves, made where it is missing; `None`, and a line in the log, where
/// nobody says where it is to be.
pub(in crate::command) fn key_of_server(settings: &Settings) -> anyhow::Result<Option<AuditKey>> {
    let Some(path) = &settings.audit_key else {
        tracing::info!(
            "this process signs no checkpoints of the audit log: name a file for its key with --audit-key, SCIM_AUDIT_KEY or `audit_key` in the file, the same for all processes"
        );
        return Ok(None);
    };
    let shown = path.display();
    if make(path).with_context(|| format!("cannot make the audit key {shown}"))? {
        tracing::info!(
            "made the audit key {shown}, which signs checkpoints of the audit log; keep a copy of it, and of what `audit public-key` prints"
        );
    }
    let key = read(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!("others than its owner may read the audit key {shown}: chmod 600 {shown}");
    }
    Ok(Some(key))
}

/// Makes the key, unless there is one. It appears whole or not at all: other processes may make it at
/// the same time, and all must then have the same one.
fn make(path: &Path) -> std::io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", HEXLOWER.encode(&random::<8>())));
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(AuditKey::generate().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> anyhow::Result<AuditKey> {
    let shown = path.display();
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read the audit key {shown}"))?;
    AuditKey::from_pem(&text).with_context(|| format!("{shown} holds no audit key"))
}

/// The public key of this installation.
pub(super) fn public_key(settings: &Settings) -> anyhow::Result<PublicKey> {
    match &settings.audit_key {
        Some(path) => Ok(read(path)?.public_key()),
        None => bail!("name the file of the audit key: --audit-key FILE"),
    }
}

/// What checkpoints may be signed with: what was given, or else the key of this installation, where
/// there is one.
pub(super) fn public_keys(
    settings: &Settings,
    given: &[PathBuf],
) -> anyhow::Result<Vec<PublicKey>> {
    if given.is_empty() {
        let own = settings.audit_key.as_deref().filter(|path| path.exists());
        return own
            .map(|path| Ok(read(path)?.public_key()))
            .into_iter()
            .collect();
    }
    let read = |path: &PathBuf| {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        PublicKey::from_pem(&text).with_context(|| format!("{shown} cannot be used"))
    };
    given.iter().map(read).collect()
}
