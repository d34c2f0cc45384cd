//! What is served: the types of the program, and those of the folder that `--schemas` names.

use std::path::Path;

use anyhow::{Context, bail};

use super::settings::Settings;
use super::{Parts, Product};
use crate::custom::Definitions;

/// The parts of the product, with the types of the folder after its own.
pub(super) fn parts(product: Product, settings: &Settings) -> anyhow::Result<Parts> {
    let (served, hooks) = (product.build)()?;
    let Some(folder) = &settings.schemas else {
        return Ok((served, hooks));
    };
    let definitions = read(folder)?;
    // Hooks rely on the types that they were written for.
    let own = |name: &&str| {
        let mut own = served.iter().map(|served| &served.resource_type);
        !hooks.is_empty() && own.any(|own| own.name() == *name)
    };
    if let Some(name) = definitions.type_names().find(own) {
        let (folder, program) = (folder.display(), product.name);
        bail!("{folder}: the type {name} belongs to {program}; choose another name");
    }
    let served = definitions
        .served_after(served)
        .with_context(|| format!("cannot use the schemas in {}", folder.display()))?;
    Ok((served, hooks))
}

/// The `.json` files of a folder, by name, so that discovery has the same order everywhere.
fn read(folder: &Path) -> anyhow::Result<Definitions> {
    let shown = folder.display();
    let unreadable = || format!("cannot read the folder {shown}");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("the folder {shown} has no *.schema.json and no *.resource-type.json");
    }
    files.sort();
    let mut definitions = Definitions::default();
    for path in files {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        definitions
            .add(&name, &text)
            .with_context(|| format!("cannot use the schemas in {shown}"))?;
    }
    Ok(definitions)
}
