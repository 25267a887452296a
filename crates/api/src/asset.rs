//! Files of the page as the API serves them, wherever they are embedded.

use std::borrow::Cow;
use std::sync::Arc;

/// One file of the page.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Bytes, compressed if `encoding` says so.
    pub bytes: Cow<'static, [u8]>,
    /// Media type.
    pub content_type: Cow<'static, str>,
    /// Content encoding, for example `gzip`.
    pub encoding: Option<&'static str>,
    /// Entity tag with its quotes.
    pub etag: String,
    /// Value of `Cache-Control`.
    pub cache_control: &'static str,
}

/// Finds a file by its path without the leading `/` and the request's `Accept-Encoding`.
pub type AssetSource = Arc<dyn Fn(&str, &str) -> Option<Asset> + Send + Sync>;
