//! The parts of a finding type as GuardDuty writes it, by itself or inside Security Hub's format.

use yagura_model::Value;
use yagura_pipeline::Draft;

/// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`
pub(crate) struct FindingType<'t> {
    /// What the attacker is after.
    pub(crate) purpose: &'t str,
    /// Kind of resource that is the target.
    pub(crate) resource: &'t str,
    /// What is going on.
    pub(crate) family: &'t str,
    /// How it was noticed.
    pub(crate) mechanism: Option<&'t str>,
    /// The tool or resource the attacker uses.
    pub(crate) artifact: Option<&'t str>,
}

impl<'t> FindingType<'t> {
    /// Takes a finding type of GuardDuty apart.
    pub(crate) fn parse(text: &'t str) -> Option<FindingType<'t>> {
        let (purpose, rest) = split_word(text, "");
        let (resource, rest) = split_word(rest.strip_prefix(':')?, "");
        let mut finding = FindingType::family_and_on(rest.strip_prefix('/')?);
        finding.purpose = purpose;
        finding.resource = resource;
        Some(finding)
    }

    /// Reads what stands behind purpose and resource, which stay empty.
    fn family_and_on(text: &'t str) -> FindingType<'t> {
        let (family, rest) = split_word(text, "&");
        let (mechanism, rest) = match rest.strip_prefix('.') {
            Some(rest) => {
                let (word, rest) = split_word(rest, "");
                (Some(word), rest)
            }
            None => (None, rest),
        };
        let artifact = rest.strip_prefix('!').map(|rest| split_word(rest, "").0);
        FindingType {
            purpose: "",
            resource: "",
            family,
            mechanism,
            artifact,
        }
    }

    /// Takes a type of the AWS Security Finding Format apart:
    /// `namespace/category/[purpose:]resource-family…`, where the category may be missing.
    ///
    /// Gives the category beside the parts; the purpose is empty if the type names none.
    pub(crate) fn parse_asff(text: &'t str) -> Option<(FindingType<'t>, Option<&'t str>)> {
        let (_namespace, rest) = text.split_once('/')?;
        let with_category = rest.split_once('/').and_then(|(category, rest)| {
            let finding = FindingType::purpose_and_on(rest)?;
            Some((finding, Some(category)))
        });
        with_category.or_else(|| Some((FindingType::purpose_and_on(rest)?, None)))
    }

    fn purpose_and_on(text: &'t str) -> Option<FindingType<'t>> {
        let (first, rest) = split_word(text, "");
        let (purpose, (resource, rest)) = match rest.strip_prefix(':') {
            Some(rest) => (first, split_word(rest, "")),
            None => ("", (first, rest)),
        };
        let mut finding = FindingType::family_and_on(rest.strip_prefix(['/', '-', '.'])?);
        finding.purpose = purpose;
        finding.resource = resource;
        Some(finding)
    }

    /// Writes the parts into the document.
    pub(crate) fn put(&self, draft: &mut Draft<'t>) {
        draft.put_text("ThreatPurpose", self.purpose);
        draft.put_text("ResourceTypeAffected", self.resource);
        draft.put_text("ThreatFamilyName", self.family);
        let text = |text: Option<_>| text.map_or(Value::Null, Value::Text);
        draft.put("DetectionMechanism", text(self.mechanism));
        draft.put("Artifact", text(self.artifact));
    }

    /// Whether the finding is about malware.
    pub(crate) fn is_malware(&self) -> bool {
        matches!(self.purpose, "Backdoor" | "CryptoCurrency" | "Trojan") || self.is_file()
    }

    /// Whether the finding is about a file, not about traffic.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.family, "SuspiciousFile" | "MaliciousFile")
    }
}

/// Exchanges `source` and `destination`: the remote side of outbound traffic is its destination.
pub(crate) fn swap_sides(draft: &mut Draft<'_>) {
    let source = draft.fields.remove("source").unwrap_or(Value::Null);
    let destination = draft.fields.remove("destination").unwrap_or(Value::Null);
    draft.put("source", destination);
    draft.put("destination", source);
}

/// Splits off word characters, and those in `also`.
fn split_word<'t>(text: &'t str, also: &str) -> (&'t str, &'t str) {
    let is_member = |character: char| {
        character.is_alphanumeric() || character == '_' || also.contains(character)
    };
    let end = text.find(|character| !is_member(character));
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(finding: &FindingType<'_>) -> String {
        let part = |part: Option<&str>| part.unwrap_or("∅").to_owned();
        [
            finding.purpose.to_owned(),
            finding.resource.to_owned(),
            finding.family.to_owned(),
            part(finding.mechanism),
            part(finding.artifact),
        ]
        .join("|")
    }

    #[test]
    fn guardduty_types_have_two_to_five_parts() {
        for (text, expected) in [
            (
                "Backdoor:EC2/C&CActivity.B!DNS",
                Some("Backdoor|EC2|C&CActivity|B|DNS"),
            ),
            (
                "Recon:EC2/PortProbeUnprotectedPort",
                Some("Recon|EC2|PortProbeUnprotectedPort|∅|∅"),
            ),
            ("Recon/EC2", None),
            ("", None),
        ] {
            let found = FindingType::parse(text).as_ref().map(shown);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn security_hub_types_have_a_namespace_and_perhaps_a_category() {
        for (text, expected) in [
            (
                "TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS",
                Some("Backdoor|EC2|C&CActivity|B|DNS in Command and Control"),
            ),
            (
                "TTPs/Discovery:S3-MaliciousIPCaller",
                Some("Discovery|S3|MaliciousIPCaller|∅|∅ in -"),
            ),
            (
                "Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal",
                Some("SensitiveData|S3Object|Personal|∅|∅ in PII"),
            ),
            (
                "Effects/Data Exposure/Policy.S3BucketPublic",
                Some("|Policy|S3BucketPublic|∅|∅ in Data Exposure"),
            ),
            ("TTPs/Discovery/Recon", Some("|Discovery|Recon|∅|∅ in -")),
            ("Recon:EC2/Portscan", None),
            ("TTPs", None),
        ] {
            let found = FindingType::parse_asff(text).map(|(finding, category)| {
                format!("{} in {}", shown(&finding), category.unwrap_or("-"))
            });
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
