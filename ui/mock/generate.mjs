// Makes the documents of the mock server: the same for the same hour, with failed console sign-ins and hostile lines.

/** A small seeded generator, so that every run gives the same documents. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const HOUR = 3_600_000;
const ACCOUNT = "123456789012";
const REGIONS = ["ap-northeast-1", "us-east-1", "eu-west-1"];
const USERS = ["hana", "ci-bot", "kenji", "alice", "deploy", "admin"];
const COUNTRIES = ["JP", "US", "DE", "SG", "BR"];
const ACTIONS = [
  "DescribeInstances",
  "GetObject",
  "AssumeRole",
  "ListBuckets",
  "PutObject",
  "RunInstances",
  "CreateUser",
];
const AGENTS = ["aws-cli/2.15.0 Python/3.11", "Mozilla/5.0 (X11; Linux x86_64)", "Boto3/1.34", "curl/8.5.0"];
/** The address behind the failed console sign-ins. */
export const ATTACKER = "203.0.113.5";

/** Lines an attacker might write; the page must show them and nothing else. */
export const HOSTILE = [
  `<script>window.__yagura_hostile = 1</script><img src=x onerror="window.__yagura_hostile=2">`,
  "invoice\u202Egnp.exe",
  "null\u0000byte and \u0007 bell and \u001b[31m escape",
  "zero\u200Bwidth\uFEFF and \u2066isolate\u2069",
  "javascript:window.__yagura_hostile=3",
  `=HYPERLINK("http://evil.example.com")`,
];

/** An event with a line of a megabyte and ten thousand fields. */
function monster(time) {
  const iso = new Date(time).toISOString();
  const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`field${at}`, `value ${at}`]));
  return {
    time,
    index: `log-aws-cloudtrail-${iso.slice(0, 7)}`,
    id: "monster",
    doc: {
      "@timestamp": iso,
      "@log_type": "cloudtrail",
      "@id": "monster",
      "@message": `<script>${"A\u202e".repeat(500_000)}`,
      event: { action: "Monster", kind: "event" },
      errorMessage: "B".repeat(1_000_000),
      requestParameters: fields,
    },
  };
}

export function generate(count, anchor) {
  const next = random(20_260_101);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const address = (net) => `${net}.${1 + Math.floor(next() * 250)}`;
  const hex = (length) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join("");

  const makers = {
    cloudtrail(time, at) {
      const attack = at % 97 === 0;
      const login = attack || next() < 0.08;
      const action = login ? "ConsoleLogin" : pick(ACTIONS);
      const failed = attack || next() < 0.06;
      const user = attack ? "root" : pick(USERS);
      const ip = attack ? ATTACKER : address("198.51.100");
      const region = pick(REGIONS);
      const agent = attack ? HOSTILE[Math.floor(at / 97) % HOSTILE.length] : pick(AGENTS);
      const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
      const service = login
        ? "signin.amazonaws.com"
        : action.includes("Object") || action.includes("Bucket")
          ? "s3.amazonaws.com"
          : "ec2.amazonaws.com";
      const record = {
        eventVersion: "1.09",
        userIdentity: {
          type: user === "root" ? "Root" : "IAMUser",
          arn: `arn:aws:iam::${ACCOUNT}:${user === "root" ? "root" : `user/${user}`}`,
          accountId: ACCOUNT,
          userName: user,
        },
        eventTime: new Date(time).toISOString().replace(/\.\d+Z/, "Z"),
        eventSource: service,
        eventName: action,
        awsRegion: region,
        sourceIPAddress: ip,
        userAgent: agent,
        errorMessage: failed ? (login ? "Failed authentication" : "Access denied") : undefined,
        responseElements: login ? { ConsoleLogin: failed ? "Failure" : "Success" } : null,
        additionalEventData: login ? { MFAUsed: "No", LoginTo: "https://console.aws.amazon.com/" } : undefined,
        eventID: id,
        readOnly: !failed,
        eventType: login ? "AwsConsoleSignIn" : "AwsApiCall",
        recipientAccountId: ACCOUNT,
      };
      return {
        index: "log-aws-cloudtrail",
        id,
        doc: {
          ...record,
          "@message": JSON.stringify(record),
          event: {
            module: service,
            action,
            kind: "event",
            category: [login ? "authentication" : "iam"],
            outcome: failed ? "failure" : "success",
          },
          cloud: { provider: "aws", account: { id: ACCOUNT }, region },
          user: { name: user },
          source: {
            address: ip,
            ip,
            geo: { country_iso_code: attack ? "BR" : pick(COUNTRIES) },
            as: { number: 64500, organization: { name: "Example Net" } },
          },
          user_agent: { original: agent },
          related: { ip: [ip], user: [user] },
          rule: { name: action },
          ...(attack
            ? {
                threat: {
                  matched: { indicators: [ip], types: ["ipv4-addr"], providers: ["abuse.ch"], names: ["botnet C2"] },
                },
              }
            : {}),
        },
      };
    },
    vpcflowlogs(time) {
      const source = address("198.51.100");
      const target = address("192.0.2");
      const accepted = next() < 0.8;
      const port = pick([22, 443, 3389, 80, 5432]);
      const seconds = Math.floor(time / 1000);
      const line = `2 ${ACCOUNT} eni-${hex(17)} ${source} ${target} ${40000 + Math.floor(next() * 9999)} ${port} 6 ${1 + Math.floor(next() * 40)} ${Math.floor(next() * 90000)} ${seconds} ${seconds + 60} ${accepted ? "ACCEPT" : "REJECT"} OK`;
      const [, , eni, , , sourcePort, , , packets, bytes] = line.split(" ");
      return {
        index: "log-aws-vpcflowlogs",
        id: hex(32),
        doc: {
          "@message": line,
          interface_id: eni,
          action: accepted ? "ACCEPT" : "REJECT",
          event: {
            module: "vpcflowlogs",
            action: accepted ? "ACCEPT" : "REJECT",
            kind: "event",
            category: ["network"],
            outcome: accepted ? "success" : "failure",
          },
          cloud: { provider: "aws", account: { id: ACCOUNT }, region: pick(REGIONS) },
          source: { ip: source, port: Number(sourcePort), geo: { country_iso_code: pick(COUNTRIES) } },
          destination: { ip: target, port },
          network: { bytes: Number(bytes), packets: Number(packets), transport: "tcp", iana_number: "6" },
          related: { ip: [source, target] },
        },
      };
    },
    alb(time) {
      const ip = address("203.0.113");
      const status = pick([200, 200, 200, 301, 404, 502]);
      const path = pick(["/", "/login", "/api/items?id=1%20or%201=1", "/assets/app.js", "/日本語/検索"]);
      return {
        index: "log-aws-elb",
        id: hex(32),
        doc: {
          "@message": `h2 ${new Date(time).toISOString()} app/web/${hex(16)} ${ip}:50123 192.0.2.10:8080 0.001 0.020 0.000 ${status} ${status} 320 9100 "GET https://www.example.com:443${path} HTTP/2.0" "Mozilla/5.0"`,
          event: { module: "alb", kind: "event", category: ["web"], outcome: status < 400 ? "success" : "failure" },
          http: { request: { method: "GET" }, response: { status_code: status, bytes: 9100 } },
          url: { domain: "www.example.com", path, original: `https://www.example.com:443${path}` },
          source: { ip, geo: { country_iso_code: pick(COUNTRIES) } },
          related: { ip: [ip] },
          cloud: { provider: "aws", region: pick(REGIONS), account: { id: ACCOUNT } },
          user_agent: { original: pick(AGENTS) },
        },
      };
    },
    waf(time) {
      const ip = address("203.0.113");
      const action = next() < 0.3 ? "BLOCK" : "ALLOW";
      const uri = pick(["/", "/wp-login.php", "/admin", `/?q=${HOSTILE[0]}`]);
      const record = {
        timestamp: time,
        action,
        terminatingRuleId: action === "BLOCK" ? "SQLi" : "Default_Action",
        httpRequest: { clientIp: ip, country: "JP", uri, httpMethod: "GET" },
      };
      return {
        index: "log-aws-waf",
        id: hex(32),
        doc: {
          ...record,
          "@message": JSON.stringify(record),
          event: { module: "waf", action, kind: action === "BLOCK" ? "alert" : "event", category: ["web"] },
          rule: { name: record.terminatingRuleId },
          http: { request: { method: "GET" } },
          url: { path: uri },
          source: { ip, geo: { country_iso_code: "JP" } },
          related: { ip: [ip] },
          cloud: { provider: "aws", region: pick(REGIONS), account: { id: ACCOUNT } },
        },
      };
    },
  };
  const weights = [
    ["vpcflowlogs", 0.5],
    ["cloudtrail", 0.3],
    ["alb", 0.12],
    ["waf", 0.08],
  ];

  const out = [];
  for (let at = 0; at < count; at += 1) {
    // Denser towards now, with a daily wave and one spike five hours ago.
    const spike = at % 11 === 0;
    const age = spike ? 5 * HOUR + next() * 0.4 * HOUR : 7 * 24 * HOUR * next() ** 2;
    const time = Math.floor(anchor - age);
    let roll = next();
    const type = weights.find(([, weight]) => (roll -= weight) < 0)?.[0] ?? "waf";
    const { index, id, doc } = makers[type](time, at);
    const day = new Date(time).toISOString();
    out.push({
      time,
      index: `${index}-${day.slice(0, 7)}`,
      id,
      doc: {
        "@timestamp": day,
        "@log_type": type,
        "@id": id,
        "@log_s3bucket": "example-logs",
        "@log_s3key": `AWSLogs/${ACCOUNT}/${type}/${day.slice(0, 10).replaceAll("-", "/")}/${hex(8)}.log.gz`,
        ecs: { version: "1.10.0" },
        ...doc,
      },
    });
  }
  out.push(monster(anchor - HOUR));
  return out.sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1));
}
