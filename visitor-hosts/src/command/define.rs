//! What can be typed, and what `--help` teaches.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use scim_core::TenantId;

pub(super) const FILE: &str = "file";
pub(super) const DRY_RUN: &str = "dry-run";
pub(super) const DEACTIVATE_MISSING: &str = "deactivate-missing";
pub(super) const REPORT: &str = "report";
pub(super) const OUT: &str = "out";
pub(super) const FILTER: &str = "filter";
pub(super) const TENANT: &str = "tenant";

const HOSTS_FILE: &str = "\
The first line names the columns, in any order; only userName is needed:
  userName,givenName,familyName,email,department,managerUserName,active,groups
  ann@example.org,Ann,Berg,ann@example.org,Sales,,true,Board;Sales
  bob@example.org,Bob,Cole,bob@example.org,Sales,ann@example.org,true,Sales

Further columns: externalId, displayName, phone, title, employeeNumber, officeLocation, hostCategory,
hostVisible, preferredLanguage. A column that is not there is left as it is; an empty cell clears its
value. userName says who it is. Look first, then import:
  visitor-hosts hosts import people.csv --dry-run
  visitor-hosts hosts import people.csv";

const GROUPS_FILE: &str = "\
The first line names the columns; only displayName, which says which group it is, is needed:
  displayName,externalId,members
  Board,g-1,ann@example.org
  Sales,g-2,ann@example.org;bob@example.org

The members are people who came by an import of hosts. Look first, then import:
  visitor-hosts groups import groups.csv --dry-run
  visitor-hosts groups import groups.csv";

/// `hosts`
pub(super) fn hosts() -> Command {
    let missing = flag(DEACTIVATE_MISSING).help(
        "Deactivate the people of earlier files who are not in this one; the guard against mass deactivation holds them where they are many",
    );
    let import = import("Bring people from a CSV file; their hosts follow")
        .arg(missing)
        .after_help(HOSTS_FILE);
    Command::new("hosts")
        .about("Import and export hosts as CSV")
        .subcommand(import)
        .subcommand(export(
            "Write all hosts as CSV, in the columns of an import",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// `groups`
pub(super) fn groups() -> Command {
    let import = import("Bring groups from a CSV file; their host groups follow");
    Command::new("groups")
        .about("Import and export host groups as CSV")
        .subcommand(import.after_help(GROUPS_FILE))
        .subcommand(export(
            "Write all host groups as CSV, in the columns of an import",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
}

fn import(about: &'static str) -> Command {
    Command::new("import")
        .about(about)
        .arg(
            Arg::new(FILE)
                .required(true)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("The file, in UTF-8; cells are separated by commas, semicolons or tabs"),
        )
        .arg(flag(DRY_RUN).help("Say what would change, and change nothing"))
        .arg(
            path(REPORT)
                .help("Write all differences to this file as CSV; the first 100 are printed"),
        )
        .arg(tenant())
}

fn export(about: &'static str) -> Command {
    Command::new("export")
        .about(about)
        .arg(path(OUT).help("Write to this file instead of to the screen"))
        .arg(
            Arg::new(FILTER)
                .long(FILTER)
                .value_name("FILTER")
                .help("Only those that match, as in 'department eq \"Sales\"'"),
        )
        .arg(tenant())
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

fn path(name: &'static str) -> Arg {
    let path = Arg::new(name).long(name).value_name("FILE");
    path.value_parser(value_parser!(PathBuf))
}

fn tenant() -> Arg {
    Arg::new(TENANT)
        .long(TENANT)
        .value_name("SLUG")
        .value_parser(value_parser!(TenantId))
        .help("Whose data; not needed where there is one tenant")
}
