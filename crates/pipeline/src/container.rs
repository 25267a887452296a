//! What FireLens tells about a container, as fields of the record and of the common schema.

use yagura_codec::Container;
use yagura_model::{Arena, Object, Value};

/// Whether the record is what a container wrote as its errors.
pub(crate) fn is_stderr(container: Option<&Container<'_>>) -> bool {
    container.is_some_and(|container| container.source == Some("stderr"))
}

/// Adds the container's fields to a record; they take the place of fields named alike.
pub(crate) fn add_container_fields<'a>(fields: &mut Object<'a>, container: &Container<'a>) {
    if container.name.is_none() {
        return;
    }
    let known = [
        ("container_id", container.id),
        ("container_name", container.name),
        ("container_source", container.source),
        ("ecs_cluster", container.ecs_cluster),
        ("ecs_task_arn", container.ecs_task_arn),
        ("ecs_task_definition", container.ecs_task_definition),
        ("ec2_instance_id", container.ec2_instance_id),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            fields.set(name, Value::Text(value));
        }
    }
}

/// The account and the region that an Amazon Resource Name holds.
pub(crate) fn owner_of_arn(arn: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = arn.split(':').skip(3);
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let region = part();
    (part(), region)
}

/// The object `container` of the common schema; `None` if nothing of it is known.
pub(crate) fn container_object<'a>(
    container: &Container<'a>,
    arena: &'a Arena,
) -> Option<Value<'a>> {
    let object = Object::with_capacity_in(2, arena);
    for (name, value) in [("id", container.id), ("name", container.name)] {
        if let Some(value) = value {
            object.push(name, Value::Text(value));
        }
    }
    (!object.is_empty()).then_some(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_account_and_region() {
        for (arn, expected) in [
            (
                "arn:aws:ecs:us-east-1:123456789012:task/c/1",
                (Some("123456789012"), Some("us-east-1")),
            ),
            ("arn:aws:s3:::bucket", (None, None)),
            ("nonsense", (None, None)),
        ] {
            assert_eq!(owner_of_arn(arn), expected, "{arn}");
        }
    }
}
