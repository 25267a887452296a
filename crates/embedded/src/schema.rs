//! The columns and indexes of a partition; every partition has the same.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, JsonObjectOptions, NumericOptions, STORED, Schema,
    TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{Index, IndexSettings};

use crate::tokenizer;

/// Name of the column that holds `@timestamp` in milliseconds.
pub(crate) const TIMESTAMP_COLUMN: &str = "ts";
/// Name of the column that holds a hash of the id, which orders documents of one instant.
pub(crate) const ORDER_COLUMN: &str = "ord";
/// Name of the field that holds values with a column and an index, by path.
pub(crate) const VALUES: &str = "v";
/// Name of the field that holds values with a column alone, by path.
pub(crate) const COLUMNS: &str = "c";

const RAW: &str = "raw";
const BLOCK_BYTES: usize = 65_536;

/// The fields of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Document id.
    pub(crate) id: Field,
    /// `@timestamp` in milliseconds.
    pub(crate) timestamp: Field,
    /// Hash of the id.
    pub(crate) order: Field,
    /// The document as it came.
    pub(crate) source: Field,
    /// Values by path: index and columns.
    pub(crate) values: Field,
    /// Values by path: columns alone. A value is found by going through its column, which costs
    /// less than an index for all but those that are looked for in very many documents.
    pub(crate) columns: Field,
    /// Identifiers by path: index alone.
    pub(crate) identifiers: Field,
    /// Analysed text by path.
    pub(crate) texts: Field,
    /// The raw log line.
    pub(crate) message: Field,
}

/// The schema with its fields.
pub(crate) fn build() -> (Schema, Fields) {
    let exact = TextFieldIndexing::default()
        .set_tokenizer(RAW)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let analysed = TextFieldIndexing::default()
        .set_tokenizer(tokenizer::NAME)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let by_path = JsonObjectOptions::default().set_expand_dots_enabled();
    let mut schema = Schema::builder();
    let id = TextOptions::default().set_indexing_options(exact.clone()) | STORED;
    let fields = Fields {
        id: schema.add_text_field("id", id),
        timestamp: schema.add_i64_field(TIMESTAMP_COLUMN, NumericOptions::from(FAST)),
        order: schema.add_u64_field(ORDER_COLUMN, NumericOptions::from(FAST)),
        source: schema.add_bytes_field("src", STORED),
        values: schema.add_json_field(
            VALUES,
            by_path
                .clone()
                .set_indexing_options(exact.clone())
                .set_fast(RAW),
        ),
        columns: schema.add_json_field(COLUMNS, by_path.clone().set_fast(RAW)),
        identifiers: schema.add_json_field("x", by_path.clone().set_indexing_options(exact)),
        texts: schema.add_json_field("t", by_path.set_indexing_options(analysed.clone())),
        message: schema.add_text_field("m", TextOptions::default().set_indexing_options(analysed)),
    };
    (schema.build(), fields)
}

/// How documents are packed: large blocks at the lowest level are smaller than small blocks at a
/// higher one, and take less time to make.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor {
            compression_level: Some(1),
        }),
        docstore_blocksize: BLOCK_BYTES,
        ..IndexSettings::default()
    }
}

/// Makes the tokenizer of the schema known to an index.
pub(crate) fn register_tokenizer(index: &Index) {
    let words = tantivy::tokenizer::TextAnalyzer::from(tokenizer::Words::default());
    index.tokenizers().register(tokenizer::NAME, words);
}
