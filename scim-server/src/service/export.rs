//! A whole list in another media type, written while it is read.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::SortOrder;
use scim_core::resource::project::Projection;

use super::{Caller, Engine, ListRequest, Paging, Served};
use crate::Error;
use crate::store::{Reads, Stored, Transaction, Unit};

/// How the resources of a type are written in another media type than JSON. A hook names it.
///
/// ```
/// use async_trait::async_trait;
/// use scim_server::Error;
/// use scim_server::service::Export;
/// use scim_server::store::{Stored, Transaction};
///
/// /// A line with the id of each user.
/// struct Ids;
///
/// #[async_trait]
/// impl Export for Ids {
///     fn kind(&self) -> &'static str { "User" }
///     fn media_type(&self) -> &'static str { "text/plain" }
///     fn file_name(&self) -> &'static str { "users.txt" }
///     fn sort_by(&self) -> &'static str { "userName" }
///     fn at_once(&self) -> usize { 100 }
///     fn head(&self) -> Result<String, Error> { Ok(String::new()) }
///     async fn rows(&self, _: &mut Transaction<'_>, page: &[Stored]) -> Result<String, Error> {
///         Ok(page.iter().map(|user| format!("{}\n", user.id)).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait Export: Send + Sync + 'static {
    /// The resource type.
    fn kind(&self) -> &'static str;

    /// What a client accepts to be answered in this way, without parameters.
    fn media_type(&self) -> &'static str;

    /// What the file is called.
    fn file_name(&self) -> &'static str;

    /// The attribute by which the list is sorted unless the client says otherwise; an index should answer it.
    fn sort_by(&self) -> &'static str;

    /// Resources that are held in memory at a time.
    fn at_once(&self) -> usize;

    /// What comes first.
    fn head(&self) -> Result<String, Error>;

    /// What is written of the next resources.
    async fn rows(&self, tx: &mut Transaction<'_>, page: &[Stored]) -> Result<String, Error>;
}

/// A list that is being written out.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use scim_server::service::{Caller, Engine, Exporting};
/// # async fn example(engine: Arc<Engine>, caller: Caller) -> Result<(), scim_server::Error> {
/// let hosts = engine.catalog().by_endpoint(caller.kind, "Hosts").cloned();
/// let export = engine.export("Host").cloned();
/// if let (Some(hosts), Some(export)) = (hosts, export) {
///     let mut exporting = Exporting::new(engine, caller, hosts, export, None);
///     while let Some(text) = exporting.next().await? {
///         print!("{text}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Exporting {
    engine: Arc<Engine>,
    caller: Caller,
    served: Arc<Served>,
    export: Arc<dyn Export>,
    request: ListRequest,
    stage: Stage,
}

enum Stage {
    Head,
    Page,
    Nothing,
}

impl Exporting {
    /// All resources of a type that the caller sees and that match the filter.
    pub fn new(
        engine: Arc<Engine>,
        caller: Caller,
        served: Arc<Served>,
        export: Arc<dyn Export>,
        filter: Option<String>,
    ) -> Exporting {
        let sort = (export.sort_by().to_owned(), SortOrder::Ascending);
        let request = ListRequest {
            filter,
            sort: Some(sort),
            paging: Paging::Cursor(None),
            count: export.at_once(),
        };
        Exporting {
            engine,
            caller,
            served,
            export,
            request,
            stage: Stage::Head,
        }
    }

    /// The next piece of text, which is never empty. Its list is one snapshot; what [`Export::rows`] reads for it
    /// is another, a moment later.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            let text = match self.stage {
                Stage::Nothing => return Ok(None),
                Stage::Head => {
                    self.stage = Stage::Page;
                    // With the first page, so that a refusal comes before anything was written.
                    self.export.head()? + &self.page().await?
                }
                Stage::Page => self.page().await?,
            };
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
    }

    async fn page(&mut self) -> Result<String, Error> {
        // Members are for the export to read, as many at a time as it wants.
        let projection = Projection::parse(Some("id"), None, &self.served.resource_type)?;
        let targets = [(Arc::clone(&self.served), projection)];
        let listed = self.engine.search(&self.caller, &targets, &self.request);
        let listed = listed.await?;
        match listed.next {
            Some(next) => self.request.paging = Paging::Cursor(Some(next)),
            None => self.stage = Stage::Nothing,
        }
        let resources = listed.resources.into_iter();
        let rows = Rows {
            export: Arc::clone(&self.export),
            page: resources.map(|resource| resource.stored).collect(),
        };
        self.engine.store().read(&self.caller.tenant, rows).await
    }
}

struct Rows {
    export: Arc<dyn Export>,
    page: Vec<Stored>,
}

#[async_trait]
impl Unit for Rows {
    type Output = String;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<String, Error> {
        self.export.rows(tx, &self.page).await
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}
