//! The limits of `serve`: flags, environment variables, and the table `[limits]` of the file.

use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde::Deserialize;

use crate::Limits;
use crate::edge::Edge;

const HEADING: &str = "Limits (in the file: the table `limits`)";

/// Limits as somebody chose them; `None` stands for the default.
#[derive(Args, Deserialize, Default, Clone, Copy)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitOptions {
    /// Requests a second of one tenant, in the long run; 0: any number [default: 100]
    #[arg(long, help_heading = HEADING, value_name = "N", env = "SCIM_RATE_LIMIT", value_parser = number(0, MOST))]
    rate_limit: Option<u32>,
    /// Requests of one tenant at once, after a quiet time [default: 200]
    #[arg(long, help_heading = HEADING, value_name = "N", env = "SCIM_RATE_BURST", value_parser = number(1, MOST))]
    rate_burst: Option<u32>,
    /// Wrong credentials a second of one address, before no more are looked at; 0: any number
    /// [default: 20]
    #[arg(long, help_heading = HEADING, value_name = "N", env = "SCIM_LOGIN_FAILURES", value_parser = number(0, MOST))]
    login_failures: Option<u32>,
    /// Connections of one address, trusted proxies excepted; 0: any number [default: 256]
    #[arg(long, help_heading = HEADING, value_name = "N", env = "SCIM_CONNECTIONS_PER_ADDRESS", value_parser = number(0, MOST))]
    connections_per_address: Option<u32>,
    /// Time for a TLS handshake, for a first byte, and for the head of a request [default: 5]
    #[arg(long, help_heading = HEADING, value_name = "S", env = "SCIM_HEAD_SECONDS", value_parser = number(1, LONGEST_S))]
    head_seconds: Option<u32>,
    /// Time for the body of a request [default: 30]
    #[arg(long, help_heading = HEADING, value_name = "S", env = "SCIM_BODY_SECONDS", value_parser = number(1, LONGEST_S))]
    body_seconds: Option<u32>,
    /// Time for the answer to a request [default: 30]
    #[arg(long, help_heading = HEADING, value_name = "S", env = "SCIM_ANSWER_SECONDS", value_parser = number(1, LONGEST_S))]
    answer_seconds: Option<u32>,
    /// Time between two requests of a connection [default: 75]
    #[arg(long, help_heading = HEADING, value_name = "S", env = "SCIM_IDLE_SECONDS", value_parser = number(1, LONGEST_S))]
    idle_seconds: Option<u32>,
}

const MOST: u64 = 1_000_000;
const LONGEST_S: u64 = 3_600;

fn number(least: u64, most: u64) -> RangedU64ValueParser<u32> {
    RangedU64ValueParser::new().range(least..=most)
}

impl LimitOptions {
    /// These, and the others where these say nothing.
    pub(super) fn or(self, other: LimitOptions) -> LimitOptions {
        LimitOptions {
            rate_limit: self.rate_limit.or(other.rate_limit),
            rate_burst: self.rate_burst.or(other.rate_burst),
            login_failures: self.login_failures.or(other.login_failures),
            connections_per_address: self
                .connections_per_address
                .or(other.connections_per_address),
            head_seconds: self.head_seconds.or(other.head_seconds),
            body_seconds: self.body_seconds.or(other.body_seconds),
            answer_seconds: self.answer_seconds.or(other.answer_seconds),
            idle_seconds: self.idle_seconds.or(other.idle_seconds),
        }
    }

    /// What requests may cost.
    pub(super) fn of_requests(&self) -> Limits {
        let default = Limits::default();
        Limits {
            rate: self.rate_limit.unwrap_or(100),
            rate_burst: self.rate_burst.unwrap_or(200),
            login_failures: self.login_failures.unwrap_or(20),
            body_time: seconds(self.body_seconds, default.body_time),
            answer_time: seconds(self.answer_seconds, default.answer_time),
        }
    }

    /// What connections may cost.
    pub(super) fn of_connections(&self) -> Edge {
        let mut edge = Edge::default();
        if let Some(most) = self.connections_per_address {
            edge.connections_per_address = usize::try_from(most).unwrap_or(usize::MAX);
        }
        let deadlines = &mut edge.deadlines;
        deadlines.head = seconds(self.head_seconds, deadlines.head);
        deadlines.idle = seconds(self.idle_seconds, deadlines.idle);
        edge
    }
}

fn seconds(chosen: Option<u32>, default: Duration) -> Duration {
    chosen.map_or(default, |seconds| Duration::from_secs(seconds.into()))
}
