//! CloudTrail events and GuardDuty findings of the demonstration.

use super::{Entry, Log, cast::Account};
use crate::{
    json::{self, Object},
    lines::at,
    rng::Rng,
};

/// Who made a call.
pub(super) enum Caller<'a> {
    /// A user, with the access key and, in a console session, whether a second factor was used.
    User(&'a str, &'a str, Option<&'a str>),
    /// Role and session.
    Role(&'a str, &'a str),
    /// A service of AWS.
    Service(&'a str),
}

/// One call to an AWS API.
pub(super) struct Call<'a> {
    pub(super) account: &'static Account,
    pub(super) second: i64,
    pub(super) caller: Caller<'a>,
    pub(super) address: &'a str,
    pub(super) program: &'a str,
    pub(super) service: &'a str,
    pub(super) name: &'a str,
    pub(super) read_only: bool,
    pub(super) error: Option<&'a str>,
    /// Writes `requestParameters`, `responseElements` and what else belongs to the call.
    pub(super) details: &'a dyn Fn(&mut Object<'_>),
}

impl Call<'_> {
    /// Makes the event.
    pub(super) fn entry(&self, rng: &mut Rng) -> Entry {
        let Account { id, region, .. } = self.account;
        let sign_in = self.service == "signin";
        let data = self.service == "s3" && self.name.ends_with("Object");
        let mut text = String::with_capacity(1400);
        json::object(&mut text, |o| {
            o.text("eventVersion", "1.09");
            o.object("userIdentity", |o| self.identity(o));
            o.text("eventTime", &at(self.second).to_string())
                .text("eventSource", &format!("{}.amazonaws.com", self.service))
                .text("eventName", self.name)
                .text(
                    "awsRegion",
                    if self.service == "iam" {
                        "us-east-1"
                    } else {
                        region
                    },
                )
                .text("sourceIPAddress", self.address)
                .text("userAgent", self.program);
            if let Some(code) = self.error {
                let message = format!("not authorized to perform: {}:{}", self.service, self.name);
                o.text("errorCode", code).text("errorMessage", &message);
            }
            (self.details)(o);
            if !sign_in {
                o.text("requestID", &rng.uuid());
            }
            o.text("eventID", &rng.uuid())
                .bare("readOnly", self.read_only)
                .text(
                    "eventType",
                    if sign_in {
                        "AwsConsoleSignIn"
                    } else {
                        "AwsApiCall"
                    },
                )
                .bare("managementEvent", !data)
                .text("recipientAccountId", id)
                .text("eventCategory", if data { "Data" } else { "Management" });
            if !matches!(self.caller, Caller::Service(_)) {
                o.object("tlsDetails", |o| {
                    let host = format!("{}.{region}.amazonaws.com", self.service);
                    o.text("tlsVersion", "TLSv1.3")
                        .text("cipherSuite", "TLS_AES_128_GCM_SHA256")
                        .text("clientProvidedHostHeader", &host);
                });
            }
        });
        Entry {
            log: Log::CloudTrail,
            account: self.account,
            second: self.second,
            text,
        }
    }

    fn identity(&self, o: &mut Object<'_>) {
        let id = self.account.id;
        match self.caller {
            Caller::User(name, key, second_factor) => {
                o.text("type", "IAMUser")
                    .text("principalId", &principal_id("AIDA", name))
                    .text("arn", &format!("arn:aws:iam::{id}:user/{name}"))
                    .text("accountId", id)
                    .text("accessKeyId", key)
                    .text("userName", name);
                if let Some(used) = second_factor {
                    o.object("sessionContext", |o| {
                        o.object("attributes", |o| {
                            o.text("creationDate", &at(self.second - 600).to_string())
                                .text("mfaAuthenticated", used);
                        });
                    });
                }
            }
            Caller::Role(role, session) => {
                let principal = principal_id("AROA", role);
                o.text("type", "AssumedRole")
                    .text("principalId", &format!("{principal}:{session}"))
                    .text(
                        "arn",
                        &format!("arn:aws:sts::{id}:assumed-role/{role}/{session}"),
                    )
                    .text("accountId", id)
                    .text("accessKeyId", "ASIAROLE00001EXAMPLE");
                o.object("sessionContext", |o| {
                    o.object("sessionIssuer", |o| {
                        o.text("type", "Role")
                            .text("principalId", &principal)
                            .text("arn", &format!("arn:aws:iam::{id}:role/{role}"))
                            .text("accountId", id)
                            .text("userName", role);
                    });
                    o.object("attributes", |o| {
                        o.text("creationDate", &at(self.second - 1800).to_string())
                            .text("mfaAuthenticated", "false");
                    });
                });
            }
            Caller::Service(name) => {
                o.text("type", "AWSService").text("invokedBy", name);
            }
        }
    }
}

/// The unique id of a user or role, made from its name.
fn principal_id(kind: &str, name: &str) -> String {
    let letters = name.to_uppercase().replace('-', "");
    format!("{kind}{letters:0>10.10}EXAMPLE")
}

/// Details of a call that says nothing beyond its name.
pub(super) fn nothing(o: &mut Object<'_>) {
    o.null("requestParameters").null("responseElements");
}

/// Details of an attempt to sign in to the console.
pub(super) fn sign_in<'a>(
    outcome: &'a str,
    second_factor: &'a str,
) -> impl Fn(&mut Object<'_>) + 'a {
    move |o| {
        if outcome == "Failure" {
            o.text("errorMessage", "Failed authentication");
        }
        o.null("requestParameters");
        o.object("responseElements", |o| {
            o.text("ConsoleLogin", outcome);
        });
        o.object("additionalEventData", |o| {
            o.text("LoginTo", "https://console.aws.amazon.com/console/home")
                .text("MobileVersion", "No")
                .text("MFAUsed", second_factor);
        });
    }
}

/// Details of reading or writing an object.
pub(super) fn object_access<'a>(
    account: &'a Account,
    key: &'a str,
    size_bytes: u64,
) -> impl Fn(&mut Object<'_>) + 'a {
    let Account {
        id, region, bucket, ..
    } = account;
    move |o| {
        o.object("requestParameters", |o| {
            o.text("bucketName", bucket)
                .text("Host", &format!("{bucket}.s3.{region}.amazonaws.com"))
                .text("key", key);
        });
        o.null("responseElements");
        o.object("additionalEventData", |o| {
            o.text("SignatureVersion", "SigV4")
                .text("CipherSuite", "TLS_AES_128_GCM_SHA256")
                .bare("bytesTransferredIn", 0)
                .text("AuthenticationMethod", "AuthHeader")
                .bare("bytesTransferredOut", size_bytes);
        });
        o.array("resources", |resources| {
            resources.object(|o| {
                o.text("type", "AWS::S3::Object")
                    .text("ARN", &format!("arn:aws:s3:::{bucket}/{key}"));
            });
            resources.object(|o| {
                o.text("accountId", id)
                    .text("type", "AWS::S3::Bucket")
                    .text("ARN", &format!("arn:aws:s3:::{bucket}"));
            });
        });
    }
}

/// What GuardDuty saw and on what.
pub(super) enum Seen<'a> {
    /// A port of the first instance was probed.
    Probe { port: u16, port_name: &'a str },
    /// Someone connected to a port of the first instance.
    Connection { port: u16, port_name: &'a str },
    /// A user called an API.
    Call {
        user: &'a str,
        key: &'a str,
        service: &'a str,
        name: &'a str,
    },
}

/// One finding of GuardDuty.
pub(super) struct Finding<'a> {
    pub(super) account: &'static Account,
    pub(super) second: i64,
    pub(super) kind: &'a str,
    pub(super) severity: f64,
    pub(super) title: &'a str,
    pub(super) address: &'a str,
    pub(super) country: &'a str,
    pub(super) count: u64,
    pub(super) seen: Seen<'a>,
}

impl Finding<'_> {
    /// Makes the record, with a line feed.
    pub(super) fn entry(&self, rng: &mut Rng) -> Entry {
        let Account { id, region, .. } = self.account;
        let finding_id = rng.hex(32);
        let updated = at(self.second).to_string();
        let mut text = String::with_capacity(2000);
        json::object(&mut text, |o| {
            o.text("schemaVersion", "2.0")
                .text("accountId", id)
                .text("region", region)
                .text("partition", "aws")
                .text("id", &finding_id)
                .text("arn", &format!("arn:aws:guardduty:{region}:{id}:detector/0123456789abcdef0123456789abcdef/finding/{finding_id}"))
                .text("type", self.kind);
            o.object("resource", |o| self.resource(o));
            o.object("service", |o| {
                o.text("serviceName", "guardduty")
                    .text("detectorId", "0123456789abcdef0123456789abcdef");
                o.object("action", |o| self.action(o));
                o.text("resourceRole", "TARGET");
                o.object("additionalInfo", |o| {
                    o.text("value", "{}").text("type", "default");
                });
                o.text("eventFirstSeen", &at(self.second - 900).to_string())
                    .text("eventLastSeen", &updated)
                    .bare("archived", false)
                    .bare("count", self.count);
            });
            o.bare("severity", self.severity)
                .text("createdAt", &updated)
                .text("updatedAt", &updated)
                .text("title", self.title)
                .text("description", self.title);
        });
        text.push('\n');
        Entry {
            log: Log::GuardDuty,
            account: self.account,
            second: self.second,
            text,
        }
    }

    fn resource(&self, o: &mut Object<'_>) {
        let account = self.account;
        if let Seen::Call { user, key, .. } = self.seen {
            o.text("resourceType", "AccessKey");
            o.object("accessKeyDetails", |o| {
                o.text("accessKeyId", key)
                    .text("principalId", &principal_id("AIDA", user))
                    .text("userType", "IAMUser")
                    .text("userName", user);
            });
            return;
        }
        o.text("resourceType", "Instance");
        o.object("instanceDetails", |o| {
            o.text("instanceId", account.instances[0])
                .text("instanceType", "t3.large")
                .text("launchTime", "2025-05-01T00:10:00Z")
                .null("platform");
            o.array("networkInterfaces", |interfaces| {
                interfaces.object(|o| {
                    o.text("networkInterfaceId", account.interfaces[0])
                        .text("privateIpAddress", &account.private_address(0))
                        .text("publicIp", "198.51.100.10");
                    o.array("securityGroups", |groups| {
                        groups.object(|o| {
                            o.text("groupName", "web")
                                .text("groupId", "sg-0123456789abcdef0");
                        });
                    });
                });
            });
        });
    }

    fn action(&self, o: &mut Object<'_>) {
        let local_address = self.account.private_address(0);
        let local = |o: &mut Object<'_>, port: u16, port_name: &str| {
            o.object("localPortDetails", |o| {
                o.bare("port", port).text("portName", port_name);
            });
            o.object("localIpDetails", |o| {
                o.text("ipAddressV4", &local_address);
            });
        };
        match self.seen {
            Seen::Probe { port, port_name } => {
                o.text("actionType", "PORT_PROBE");
                o.object("portProbeAction", |o| {
                    o.bare("blocked", false);
                    o.array("portProbeDetails", |details| {
                        details.object(|o| {
                            local(o, port, port_name);
                            self.remote(o);
                        });
                    });
                });
            }
            Seen::Connection { port, port_name } => {
                o.text("actionType", "NETWORK_CONNECTION");
                o.object("networkConnectionAction", |o| {
                    o.text("connectionDirection", "INBOUND")
                        .text("protocol", "TCP")
                        .bare("blocked", false);
                    local(o, port, port_name);
                    self.remote(o);
                    o.object("remotePortDetails", |o| {
                        o.bare("port", 43_990).text("portName", "Unknown");
                    });
                });
            }
            Seen::Call { service, name, .. } => {
                o.text("actionType", "AWS_API_CALL");
                o.object("awsApiCallAction", |o| {
                    o.text("api", name)
                        .text("serviceName", &format!("{service}.amazonaws.com"))
                        .text("callerType", "Remote IP");
                    self.remote(o);
                });
            }
        }
    }

    fn remote(&self, o: &mut Object<'_>) {
        o.object("remoteIpDetails", |o| {
            o.text("ipAddressV4", self.address);
            o.object("country", |o| {
                o.text("countryName", self.country);
            });
            o.object("organization", |o| {
                o.text("asn", "64496")
                    .text("asnOrg", "Example Hosting")
                    .text("isp", "Example Hosting")
                    .text("org", "Example Hosting");
            });
        });
    }
}
