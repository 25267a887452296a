//! CloudTrail events for benchmarks.

use super::{Place, Scene};
use crate::{
    json::{self, Object},
    lines::at,
};

/// Services that call on their own; such a call has the service's name as address and program.
const SERVICES: [&str; 6] = [
    "cloudformation.amazonaws.com",
    "autoscaling.amazonaws.com",
    "AWS Internal",
    "ec2.amazonaws.com",
    "config.amazonaws.com",
    "lambda.amazonaws.com",
];
const ERRORS: [&str; 3] = [
    "AccessDenied",
    "Client.UnauthorizedOperation",
    "ThrottlingException",
];
const ERROR_SHARE: f64 = 0.06;

/// What the parts of one event have in common.
struct Context<'a> {
    account: &'a str,
    region: &'a str,
    second: i64,
    bucket: String,
    instance: String,
}

/// Appends one event.
pub(super) fn record(scene: &mut Scene, place: &Place, out: &mut String) {
    let second = place.start + scene.rng.below(300) as i64;
    let context = Context {
        account: place.account,
        region: place.region,
        second,
        bucket: scene.rng.pick_skewed(&scene.pools.buckets).to_owned(),
        instance: scene.rng.pick_skewed(&scene.pools.instances).to_owned(),
    };
    json::object(out, |o| {
        o.text("eventVersion", "1.08");
        let (address, program) = identity(scene, &context, o);
        let call = Call::pick(scene);
        o.text("eventTime", &at(second).to_string())
            .text("eventSource", &format!("{}.amazonaws.com", call.service))
            .text("eventName", call.name)
            .text("awsRegion", context.region)
            .text("sourceIPAddress", &address)
            .text("userAgent", &program);
        if scene.rng.chance(ERROR_SHARE) {
            let message = format!(
                "User: arn:aws:iam::{}:user/x is not authorized to perform: {}",
                context.account, call.name
            );
            o.text("errorCode", scene.rng.word(&ERRORS))
                .text("errorMessage", &message);
        }
        (call.details)(scene, &context, o);
        o.text("requestID", &scene.rng.uuid())
            .text("eventID", &scene.rng.uuid())
            .bare("readOnly", call.read_only)
            .text("eventType", "AwsApiCall")
            .bare("managementEvent", true)
            .text("recipientAccountId", context.account)
            .text("eventCategory", "Management");
        o.object("tlsDetails", |o| {
            let host = format!("{}.{}.amazonaws.com", call.service, context.region);
            o.text("tlsVersion", "TLSv1.3")
                .text("cipherSuite", "TLS_AES_128_GCM_SHA256")
                .text("clientProvidedHostHeader", &host);
        });
    });
}

/// Writes `userIdentity` and returns the caller's address and program.
fn identity(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) -> (String, String) {
    let Scene { rng, pools } = scene;
    let account = context.account;
    match rng.unit() {
        kind if kind < 0.45 => {
            let role = rng.pick_skewed(&pools.roles);
            let session = if rng.chance(0.5) {
                rng.pick_skewed(&pools.instances)
            } else {
                rng.pick_skewed(&pools.users)
            };
            let principal = format!("AROA{}", rng.base32(17));
            let key = rng.pick_skewed(&pools.session_keys);
            let created = at(context.second - rng.below(3600) as i64).to_string();
            o.object("userIdentity", |o| {
                o.text("type", "AssumedRole")
                    .text("principalId", &format!("{principal}:{session}"))
                    .text(
                        "arn",
                        &format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
                    )
                    .text("accountId", account)
                    .text("accessKeyId", key);
                o.object("sessionContext", |o| {
                    o.object("sessionIssuer", |o| {
                        o.text("type", "Role")
                            .text("principalId", &principal)
                            .text("arn", &format!("arn:aws:iam::{account}:role/{role}"))
                            .text("accountId", account)
                            .text("userName", role);
                    });
                    o.object("webIdFederationData", |_| {});
                    o.object("attributes", |o| {
                        o.text("creationDate", &created)
                            .text("mfaAuthenticated", "false");
                    });
                    o.text("ec2RoleDelivery", "2.0");
                });
            });
            let address = if rng.chance(0.3) {
                rng.pick_skewed(&pools.private_addresses)
            } else {
                rng.pick_skewed(&pools.public_addresses)
            };
            (address.to_owned(), rng.pick_skewed(&pools.sdks).to_owned())
        }
        kind if kind < 0.7 => {
            let user = rng.pick_skewed(&pools.users);
            let principal = format!("AIDA{}", rng.base32(17));
            let key = rng.pick_skewed(&pools.long_term_keys);
            o.object("userIdentity", |o| {
                o.text("type", "IAMUser")
                    .text("principalId", &principal)
                    .text("arn", &format!("arn:aws:iam::{account}:user/{user}"))
                    .text("accountId", account)
                    .text("accessKeyId", key)
                    .text("userName", user);
            });
            let program = if rng.chance(0.4) {
                rng.pick_skewed(&pools.browsers)
            } else {
                rng.pick_skewed(&pools.sdks)
            };
            (
                rng.pick_skewed(&pools.public_addresses).to_owned(),
                program.to_owned(),
            )
        }
        kind if kind < 0.97 => {
            let service = *rng.pick(&SERVICES);
            o.object("userIdentity", |o| {
                o.text("type", "AWSService").text("invokedBy", service);
            });
            (service.to_owned(), service.to_owned())
        }
        _ => {
            o.object("userIdentity", |o| {
                o.text("type", "Root")
                    .text("principalId", account)
                    .text("arn", &format!("arn:aws:iam::{account}:root"))
                    .text("accountId", account)
                    .text("accessKeyId", "");
            });
            let address = rng.pick_skewed(&pools.public_addresses);
            (
                address.to_owned(),
                rng.pick_skewed(&pools.browsers).to_owned(),
            )
        }
    }
}

/// Writes `requestParameters`, `responseElements` and what else a call brings.
type Details = fn(&mut Scene, &Context<'_>, &mut Object<'_>);

struct Call {
    service: &'static str,
    name: &'static str,
    read_only: bool,
    details: Details,
}

impl Call {
    fn pick(scene: &mut Scene) -> Self {
        let rng = &mut scene.rng;
        let (service, name, read_only, details): (_, _, _, Details) = match rng.below(12) {
            0 => ("ec2", "DescribeInstances", true, describe_instances),
            1 => ("ec2", "RunInstances", false, run_instances),
            2 => ("s3", "GetObject", true, get_object),
            3 => ("s3", "PutObject", false, put_object),
            4 => ("sts", "AssumeRole", true, assume_role),
            5 => ("kms", "Decrypt", true, decrypt),
            6 => {
                let name = *rng.pick(&["GetRole", "ListUsers", "GetPolicyVersion"]);
                ("iam", name, true, get_role)
            }
            7 => ("iam", "CreateAccessKey", false, create_access_key),
            8 => ("logs", "CreateLogStream", true, create_log_stream),
            9 => ("dynamodb", "DescribeTable", true, describe_table),
            10 => ("signin", "ConsoleLogin", true, console_login),
            _ => ("lambda", "Invoke", false, invoke),
        };
        Self {
            service,
            name,
            read_only,
            details,
        }
    }
}

fn describe_instances(_: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    o.object("requestParameters", |o| {
        o.bare("maxResults", 1000);
        o.object("instancesSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.text("instanceId", &context.instance);
                });
            });
        });
        o.object("filterSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.text("name", "tag:env").object("valueSet", |o| {
                        o.array("items", |items| {
                            items.object(|o| {
                                o.text("value", "prod");
                            });
                        });
                    });
                });
            });
        });
    });
    o.null("responseElements");
}

fn run_instances(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let Scene { rng, pools } = scene;
    let image = format!("ami-0{}", rng.hex(16));
    let subnet = format!("subnet-0{}", rng.hex(16));
    let group = format!("sg-0{}", rng.hex(16));
    o.object("requestParameters", |o| {
        o.object("instancesSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.text("imageId", &image)
                        .bare("minCount", 1)
                        .bare("maxCount", 2)
                        .text("keyName", "ops");
                });
            });
        });
        o.text(
            "instanceType",
            rng.word(&["t3.micro", "m5.large", "c6i.xlarge"]),
        );
        o.object("blockDeviceMapping", |_| {});
        o.object("monitoring", |o| {
            o.bare("enabled", false);
        });
        o.bare("disableApiTermination", false)
            .bare("disableApiStop", false)
            .text("clientToken", &rng.uuid());
        o.object("networkInterfaceSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.bare("deviceIndex", 0).text("subnetId", &subnet);
                    o.object("groupSet", |o| {
                        o.array("items", |items| {
                            items.object(|o| {
                                o.text("groupId", &group);
                            });
                        });
                    });
                });
            });
        });
        o.bare("ebsOptimized", true);
        o.object("tagSpecificationSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.text("resourceType", "instance");
                    o.array("tags", |tags| {
                        for (key, value) in [("Name", "web"), ("env", "prod")] {
                            tags.object(|o| {
                                o.text("key", key).text("value", value);
                            });
                        }
                    });
                });
            });
        });
    });
    o.object("responseElements", |o| {
        o.text("requestId", &rng.uuid())
            .text("reservationId", &format!("r-0{}", rng.hex(16)))
            .text("ownerId", context.account);
        o.object("groupSet", |_| {});
        o.object("instancesSet", |o| {
            o.array("items", |items| {
                items.object(|o| {
                    o.text("instanceId", &context.instance)
                        .text("imageId", "ami-1");
                    o.object("instanceState", |o| {
                        o.bare("code", 0).text("name", "pending");
                    });
                    o.text("privateDnsName", "ip-10-0-0-1.ec2.internal")
                        .bare("amiLaunchIndex", 0)
                        .text("instanceType", "t3.micro");
                    o.object("placement", |o| {
                        o.text("availabilityZone", &format!("{}a", context.region))
                            .text("tenancy", "default");
                    });
                    o.text("subnetId", "subnet-1")
                        .text("vpcId", "vpc-1")
                        .text(
                            "privateIpAddress",
                            rng.pick_skewed(&pools.private_addresses),
                        )
                        .text("architecture", "x86_64");
                });
            });
        });
    });
}

fn get_object(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let rng = &mut scene.rng;
    let Context { bucket, region, .. } = context;
    let key = format!("data/{}/part-{}.parquet", rng.below(9_999), rng.hex(8));
    o.object("requestParameters", |o| {
        o.text("bucketName", bucket)
            .text("Host", &format!("{bucket}.s3.{region}.amazonaws.com"))
            .text("key", &key);
    });
    o.null("responseElements");
    o.object("additionalEventData", |o| {
        o.text("SignatureVersion", "SigV4")
            .text("CipherSuite", "ECDHE-RSA-AES128-GCM-SHA256")
            .bare("bytesTransferredIn", 0)
            .text("AuthenticationMethod", "AuthHeader")
            .text("x-amz-id-2", &rng.hex(48))
            .bare("bytesTransferredOut", rng.below(10_000_000));
    });
    o.array("resources", |resources| {
        resources.object(|o| {
            o.text("type", "AWS::S3::Object")
                .text("ARN", &format!("arn:aws:s3:::{bucket}/data"));
        });
        resources.object(|o| {
            o.text("accountId", context.account)
                .text("type", "AWS::S3::Bucket")
                .text("ARN", &format!("arn:aws:s3:::{bucket}"));
        });
    });
}

fn put_object(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let key = format!("AWSLogs/{}.gz", scene.rng.hex(20));
    o.object("requestParameters", |o| {
        o.text("bucketName", &context.bucket)
            .text("Host", "s3.amazonaws.com")
            .text("x-amz-acl", "bucket-owner-full-control")
            .text("key", &key);
    });
    o.null("responseElements");
}

fn assume_role(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let Scene { rng, pools } = scene;
    let Context {
        account, instance, ..
    } = context;
    o.object("requestParameters", |o| {
        let role = rng.pick_skewed(&pools.roles);
        o.text("roleArn", &format!("arn:aws:iam::{account}:role/{role}"))
            .text("roleSessionName", instance)
            .bare("durationSeconds", 3600);
    });
    o.object("responseElements", |o| {
        o.object("credentials", |o| {
            o.text("accessKeyId", rng.pick_skewed(&pools.session_keys))
                .text("sessionToken", &rng.hex(200))
                .text("expiration", &at(context.second + 3600).to_string());
        });
        o.object("assumedRoleUser", |o| {
            o.text("assumedRoleId", &format!("AROAX:{instance}")).text(
                "arn",
                &format!("arn:aws:sts::{account}:assumed-role/x/{instance}"),
            );
        });
    });
}

fn decrypt(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let Context {
        account, region, ..
    } = context;
    let key = format!("arn:aws:kms:{region}:{account}:key/{}", scene.rng.uuid());
    o.object("requestParameters", |o| {
        o.text("encryptionAlgorithm", "SYMMETRIC_DEFAULT");
        o.object("encryptionContext", |o| {
            o.text("aws:s3:arn", &format!("arn:aws:s3:::{}/k", context.bucket));
        });
    });
    o.null("responseElements");
    o.array("resources", |resources| {
        resources.object(|o| {
            o.text("accountId", account)
                .text("type", "AWS::KMS::Key")
                .text("ARN", &key);
        });
    });
}

fn get_role(scene: &mut Scene, _: &Context<'_>, o: &mut Object<'_>) {
    o.object("requestParameters", |o| {
        o.text("roleName", scene.rng.pick_skewed(&scene.pools.roles));
    });
    o.null("responseElements");
}

fn create_access_key(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let Scene { rng, pools } = scene;
    o.object("requestParameters", |o| {
        o.text("userName", rng.pick_skewed(&pools.users));
    });
    o.object("responseElements", |o| {
        o.object("accessKey", |o| {
            o.text("accessKeyId", rng.pick_skewed(&pools.long_term_keys))
                .text("status", "Active")
                .text("userName", "x")
                .text("createDate", &at(context.second).to_string());
        });
    });
}

fn create_log_stream(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let rng = &mut scene.rng;
    let group = format!("/aws/lambda/fn-{}", rng.below(50));
    let day = at(context.second).strftime("%Y-%m-%d");
    let stream = format!("{day}/[$LATEST]{}", rng.hex(32));
    o.object("requestParameters", |o| {
        o.text("logGroupName", &group)
            .text("logStreamName", &stream);
    });
    o.null("responseElements");
}

fn describe_table(scene: &mut Scene, _: &Context<'_>, o: &mut Object<'_>) {
    let table = format!("table-{}", scene.rng.below(30));
    o.object("requestParameters", |o| {
        o.text("tableName", &table);
    });
    o.null("responseElements");
}

fn console_login(scene: &mut Scene, _: &Context<'_>, o: &mut Object<'_>) {
    let outcome = scene.rng.pick(&["Success", "Success", "Failure"]);
    o.null("requestParameters");
    o.object("responseElements", |o| {
        o.text("ConsoleLogin", outcome);
    });
    o.object("additionalEventData", |o| {
        o.text("LoginTo", "https://console.aws.amazon.com/console/home")
            .text("MobileVersion", "No")
            .text("MFAUsed", "No");
    });
}

fn invoke(scene: &mut Scene, context: &Context<'_>, o: &mut Object<'_>) {
    let rng = &mut scene.rng;
    let Context {
        account, region, ..
    } = context;
    let function = format!(
        "arn:aws:lambda:{region}:{account}:function:fn-{}",
        rng.below(50)
    );
    o.object("requestParameters", |o| {
        o.text("functionName", &function)
            .text("invocationType", "RequestResponse");
        o.object("source", |o| {
            o.bare("a", rng.below(9));
        });
    });
    o.null("responseElements");
}
