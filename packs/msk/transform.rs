//! Amazon MSK broker logs: cluster and broker from the key, consumer lag.

use yagura_model::{Arena, Object, Value, key};
use yagura_pipeline::{Draft, Native, Stop, Tokens};

/// The Rust parts of the pack's log types.
pub(crate) const NATIVES: &[(&str, Native)] = &[("msk", NATIVE)];

/// The Rust part of the log type.
const NATIVE: Native = Native {
    transform: Some(transform),
    split_line: Some(split),
    own_logs: &[],
};

fn transform(draft: &mut Draft<'_>) -> Result<(), Stop> {
    let key = draft.text("@log_s3key").unwrap_or_default();
    if let Some((cluster, broker)) = cluster_and_broker(key) {
        draft.put_text("msk_cluster_name", cluster);
        draft.put_text("msk_broker_id", broker);
    }
    let message = draft.text("msk_message").unwrap_or_default();
    if let Some(values) = consumer_lag(message) {
        draft.put_text("msk_log_type", "ConsumerLag");
        for (name, value) in LAG_FIELDS.into_iter().zip(values) {
            draft.put_text(name, value);
        }
    }
    draft.gather("msk_");
    Ok(())
}

/// Splits `[<time>] <level> <message>`.
fn split<'a>(line: &'a str, arena: &'a Arena) -> Option<&'a mut Object<'a>> {
    let mut tokens = Tokens::new(line);
    tokens.literal("[")?;
    let time = tokens.until(b']')?;
    tokens.literal(" ")?;
    let level = tokens.until(b' ')?;
    let is_time = !time.is_empty() && time.bytes().all(|byte| (b' '..=b':').contains(&byte));
    (is_time && !level.is_empty()).then_some(())?;
    let fields = Object::with_capacity_in(30, arena);
    fields.push_key(key!("msk_timestamp"), Value::Text(time));
    fields.push_key(key!("msk_log_level"), Value::Text(level));
    fields.push_key(key!("msk_message"), Value::Text(tokens.rest()));
    Some(fields)
}

/// The names in `…/<cluster>-<uuid>-<number>/…/Broker-<id>_…`.
fn cluster_and_broker(key: &str) -> Option<(&str, &str)> {
    let mut parts = key.split('/').skip(1);
    let cluster = parts.by_ref().find_map(cluster_name)?;
    let broker = parts.skip(1).filter_map(broker_id).last()?;
    Some((cluster, broker))
}

fn cluster_name(part: &str) -> Option<&str> {
    let (rest, number) = part.rsplit_once('-')?;
    let at = rest.len().checked_sub(36)?;
    let uuid = rest.get(at..)?;
    let name = rest.get(..at)?.strip_suffix('-')?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_uuid = uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && uuid.bytes().all(|byte| is_word(byte) || byte == b'-');
    let is_name = |text: &str| {
        let mut characters = text.chars();
        !text.is_empty() && characters.all(|it| it.is_alphanumeric() || it == '_' || it == '-')
    };
    (is_uuid && is_name(name) && is_name(number)).then_some(name)
}

fn broker_id(part: &str) -> Option<&str> {
    let (id, _) = part.strip_prefix("Broker-")?.split_once('_')?;
    is_digits(id).then_some(id)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

const LAG_FIELDS: [&str; 5] = [
    "msk_group_id",
    "msk_topic",
    "msk_sum_lag",
    "msk_max_lag",
    "msk_time_lag",
];

/// Group, topic and lags in `ConsumerLag for groupId=… topic=… : SumLag=… MaxLag=… TimeLag=…`.
fn consumer_lag(message: &str) -> Option<[&str; 5]> {
    let mut tokens = Tokens::new(message);
    let is_name = |text: &&str| {
        let mut characters = text.chars();
        !text.is_empty() && characters.all(|it| it.is_alphanumeric() || "_.-".contains(it))
    };
    tokens.literal("ConsumerLag for groupId=")?;
    let group = tokens.until(b' ').filter(is_name)?;
    tokens.literal("topic=")?;
    let topic = tokens.until(b' ').filter(is_name)?;
    tokens.literal(": SumLag=")?;
    let sum = tokens.until(b' ').filter(|text| is_digits(text))?;
    tokens.literal("MaxLag=")?;
    let max = tokens.until(b' ').filter(|text| is_digits(text))?;
    tokens.literal("TimeLag=")?;
    let rest = tokens.rest();
    let end = rest.find(|it: char| !it.is_ascii_digit());
    let time = &rest[..end.unwrap_or(rest.len())];
    is_digits(time).then_some([group, topic, sum, max, time])
}
