//! The certificate of `serve`: read from two files, and again when they change.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::edge::Certificate;

/// A renewed certificate is shown after this time at the latest, or at once after SIGHUP.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
}

/// A certificate and the files that it was read from.
pub(super) struct Watched {
    pub(super) certificate: Certificate,
    files: Files,
    /// What the files held when they could last be used.
    seen: (Vec<u8>, Vec<u8>),
    asked: Signal,
}

impl Files {
    /// Both files or none.
    pub(super) fn of(
        chain: Option<PathBuf>,
        key: Option<PathBuf>,
    ) -> anyhow::Result<Option<Files>> {
        match (chain, key) {
            (Some(chain), Some(key)) => Ok(Some(Files { chain, key })),
            (None, None) => Ok(None),
            _ => bail!("TLS needs both a certificate and its key: --tls-cert and --tls-key"),
        }
    }

    fn read(&self) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
        Ok((read(&self.chain)?, read(&self.key)?))
    }

    fn shown(&self) -> String {
        format!("{} and {}", self.chain.display(), self.key.display())
    }
}

impl Watched {
    /// Reads the certificate for the first time.
    pub(super) fn read(files: Files) -> anyhow::Result<Watched> {
        let seen = files.read()?;
        let certificate = Certificate::from_pem(&seen.0, &seen.1);
        Ok(Watched {
            certificate: certificate.with_context(|| files.shown())?,
            files,
            seen,
            asked: signal(SignalKind::hangup())?,
        })
    }

    /// Looks for a renewed certificate again and again.
    pub(super) async fn watch(mut self) {
        loop {
            // At the time or when asked: the same is done.
            let _ = tokio::time::timeout(LOOK_EVERY, self.asked.recv()).await;
            match self.look() {
                Ok(true) => tracing::info!("a renewed certificate is shown from now on"),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!("the present certificate stays: {error:#}");
                }
            }
        }
    }

    /// Takes what the files hold; was it something new?
    fn look(&mut self) -> anyhow::Result<bool> {
        let found = self.files.read()?;
        if found == self.seen {
            return Ok(false);
        }
        // Two files are not replaced at once: what does not fit together yet is looked at again,
        // because only what could be used counts as seen.
        let renewed = self.certificate.renew(&found.0, &found.1);
        renewed.with_context(|| self.files.shown())?;
        self.seen = found;
        Ok(true)
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_or_none() {
        let path = || Some(PathBuf::from("a.pem"));
        assert!(Files::of(None, None).unwrap().is_none());
        assert!(Files::of(path(), path()).unwrap().is_some());
        for (chain, key) in [(path(), None), (None, path())] {
            assert_eq!(
                Files::of(chain, key).unwrap_err().to_string(),
                "TLS needs both a certificate and its key: --tls-cert and --tls-key"
            );
        }
    }
}
