//! What the events tell: the `Data` elements of `EventData`.

use super::Moment;
use crate::{
    bench_inputs::{Scene, pools::Pools},
    lines::at,
    rng::Rng,
};

const DOMAIN: &str = "CORP";
const DOMAIN_SID: &str = "S-1-5-21-1004336348-1177238915-682003330";
const NO_GUID: &str = "{00000000-0000-0000-0000-000000000000}";
/// A program, and how it is called; `{}` is a number.
const PROGRAMS: [(&str, &str); 10] = [
    (
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule",
    ),
    (
        r"C:\Windows\System32\conhost.exe",
        r"\??\C:\Windows\system32\conhost.exe 0xffffffff -ForceV1",
    ),
    (
        r"C:\Windows\System32\cmd.exe",
        r#"C:\Windows\system32\cmd.exe /c "net use \\files\share{} && dir > C:\Temp\out{}.txt""#,
    ),
    (
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        r#"powershell.exe -NoProfile -Command "Get-Service | Where-Object { $_.Id -gt {} } | Out-File 'C:\Temp\s{}.csv'""#,
    ),
    (
        r"C:\Windows\System32\taskhostw.exe",
        r"taskhostw.exe {222A245B-E637-4AE9-A93F-A59CA119A75E}",
    ),
    (
        r"C:\Windows\System32\wbem\WmiPrvSE.exe",
        r"C:\Windows\system32\wbem\wmiprvse.exe -secured -Embedding",
    ),
    (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r#""C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=2 --renderer-client-id={} --mojo-platform-channel-handle={} /prefetch:1"#,
    ),
    (
        r"C:\Program Files\Amazon\SSM\ssm-agent-worker.exe",
        r#""C:\Program Files\Amazon\SSM\ssm-agent-worker.exe""#,
    ),
    (
        r"C:\Windows\System32\rundll32.exe",
        r"rundll32.exe C:\Windows\system32\davclnt.dll,DavSetCookie host{} http://host{}.corp.example.com/",
    ),
    (
        r"C:\Windows\System32\reg.exe",
        r#"reg query "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run" /v app{}"#,
    ),
];
const PRIVILEGES: [&str; 10] = [
    "SeSecurityPrivilege",
    "SeTakeOwnershipPrivilege",
    "SeLoadDriverPrivilege",
    "SeBackupPrivilege",
    "SeRestorePrivilege",
    "SeDebugPrivilege",
    "SeAuditPrivilege",
    "SeSystemEnvironmentPrivilege",
    "SeImpersonatePrivilege",
    "SeDelegateSessionUserImpersonatePrivilege",
];
/// Names that are tried by those who have none.
const GUESSED: [&str; 6] = [
    "administrator",
    "admin",
    "test",
    "scanner",
    "backup",
    "O'Brien & Söhne",
];
/// Shares, and where they lie.
const SHARES: [(&str, &str); 4] = [
    (r"\\*\SYSVOL", r"\??\C:\Windows\SYSVOL\sysvol"),
    (r"\\*\IPC$", ""),
    (r"\\*\C$", r"\??\C:\"),
    (r"\\*\projects", r"\??\D:\projects"),
];
const SERVICES: [(&str, &str); 3] = [
    (
        "Updater {}",
        r#""C:\Program Files\Updater\updater.exe" --service --build={}"#,
    ),
    ("PSEXESVC", r"%SystemRoot%\PSEXESVC.exe"),
    (
        "svc{}",
        r"%COMSPEC% /C echo {} ^> \\.\pipe\svc{} & start /b cmd",
    ),
];
/// Script blocks; `{}` is a number.
const SCRIPTS: [&str; 3] = [
    r#"{ Set-StrictMode -Version 1; $_.ErrorCategory_Message }"#,
    r#"param([string]$Server = "web{}", [int]$Days = {})
$since = (Get-Date).AddDays(-$Days)
$events = Get-WinEvent -ComputerName $Server -FilterHashtable @{ LogName = 'Application'; Level = 2; StartTime = $since } -ErrorAction SilentlyContinue
foreach ($event in $events) {
    if ($event.Message -match '<Data>(?<text>[^<]+)</Data>' -and $event.Id -ne {}) {
        [pscustomobject]@{
            Time   = $event.TimeCreated.ToString('o')
            Source = $event.ProviderName
            Id     = $event.Id
            Text   = $Matches.text.Trim() & 'x'
        }
    }
}
"#,
    r#"function Get-DiskReport {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string[]]$ComputerName)
    process {
        foreach ($name in $ComputerName) {
            try {
                $disks = Get-CimInstance -ClassName Win32_LogicalDisk -ComputerName $name -Filter "DriveType=3" -ErrorAction Stop
                foreach ($disk in $disks) {
                    $free = [math]::Round($disk.FreeSpace / 1GB, 1)
                    $size = [math]::Round($disk.Size / 1GB, 1)
                    if ($size -gt 0 -and ($free / $size) -lt 0.{}) {
                        Write-Warning ("{0}: {1} has only {2} GB of {3} GB left" -f $name, $disk.DeviceID, $free, $size)
                    }
                    [pscustomobject]@{ Computer = $name; Drive = $disk.DeviceID; FreeGB = $free; SizeGB = $size }
                }
            } catch {
                Write-Error "cannot reach ${name}: $($_.Exception.Message)"
            }
        }
    }
}
Get-DiskReport -ComputerName (Get-Content "C:\Scripts\servers-{}.txt") | Sort-Object FreeGB | Export-Csv -NoTypeInformation -Path "\\files\reports\disks-{}.csv"
"#,
];

/// Appends `Data` elements.
pub(super) struct Data<'o>(pub(super) &'o mut String);

impl Data<'_> {
    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.0.push_str("<Data Name='");
        self.0.push_str(name);
        self.0.push_str("'>");
        for character in value.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&apos;"),
                plain => self.0.push(plain),
            }
        }
        self.0.push_str("</Data>");
        self
    }

    fn texts(&mut self, values: &[(&str, &str)]) -> &mut Self {
        for (name, value) in values {
            self.text(name, value);
        }
        self
    }

    /// The four elements that tell of an account, whose names begin with a word.
    fn account(&mut self, word: &str, account: &Account) -> &mut Self {
        self.text(&format!("{word}UserSid"), &account.sid)
            .text(&format!("{word}UserName"), &account.name)
            .text(&format!("{word}DomainName"), account.domain)
            .text(&format!("{word}LogonId"), &account.logon)
    }

    fn process(&mut self, rng: &mut Rng, path: &str) -> &mut Self {
        self.text("ProcessId", &process_id(rng))
            .text("ProcessName", path)
    }

    fn client(&mut self, address: &str, port: u64) -> &mut Self {
        self.text("IpAddress", address)
            .text("IpPort", &port.to_string())
    }
}

struct Account {
    sid: String,
    name: String,
    domain: &'static str,
    logon: String,
}

impl Account {
    fn user(rng: &mut Rng, pools: &Pools) -> Self {
        let name = rng.pick_skewed(&pools.users);
        Self {
            sid: sid(name),
            name: name.to_owned(),
            domain: DOMAIN,
            logon: format!("0x{:x}", rng.between(0x1_0000, 0xfff_ffff)),
        }
    }

    fn machine(moment: &Moment<'_>) -> Self {
        Self {
            sid: "S-1-5-18".to_owned(),
            name: format!("{}$", moment.machine),
            domain: DOMAIN,
            logon: "0x3e7".to_owned(),
        }
    }

    fn nobody() -> Self {
        Self {
            sid: "S-1-0-0".to_owned(),
            name: "-".to_owned(),
            domain: "-",
            logon: "0x0".to_owned(),
        }
    }

    /// A user, or the machine itself.
    fn any(rng: &mut Rng, pools: &Pools, moment: &Moment<'_>) -> Self {
        match rng.chance(0.5) {
            true => Self::user(rng, pools),
            false => Self::machine(moment),
        }
    }
}

/// The SID of a user, whose name ends with a number.
fn sid(user: &str) -> String {
    let number = user.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    format!("{DOMAIN_SID}-1{number}")
}

/// A GUID as Windows writes it.
pub(super) fn guid(rng: &mut Rng) -> String {
    format!("{{{}}}", rng.uuid())
}

fn process_id(rng: &mut Rng) -> String {
    format!("0x{:x}", 4 * rng.between(100, 4_000))
}

fn port(rng: &mut Rng) -> u64 {
    rng.between(49_152, 65_536)
}

/// Puts numbers where a text has `{}`.
fn numbered(rng: &mut Rng, text: &str) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        filled.push_str(&rng.between(1, 100).to_string());
        filled.push_str(part);
    }
    filled
}

pub(super) fn logon(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let over_network = rng.chance(0.7);
    let subject = match over_network {
        true => Account::nobody(),
        false => Account::machine(moment),
    };
    let target = Account::any(rng, pools, moment);
    let kerberos = over_network && rng.chance(0.8);
    let workstation = match kerberos {
        true => "-",
        false => moment.machine,
    };
    let (kind, process, package) = match (over_network, kerberos) {
        (true, true) => ("3", "Kerberos", "Kerberos"),
        (true, false) => ("3", "NtLmSsp ", "NTLM"),
        (false, _) => (
            rng.word(&["5", "5", "5", "2", "10"]),
            "Advapi  ",
            "Negotiate",
        ),
    };
    let logon_guid = match kerberos {
        true => guid(rng),
        false => NO_GUID.to_owned(),
    };
    data.account("Subject", &subject)
        .account("Target", &target)
        .texts(&[
            ("LogonType", kind),
            ("LogonProcessName", process),
            ("AuthenticationPackageName", package),
            ("WorkstationName", workstation),
            ("LogonGuid", &logon_guid),
            ("TransmittedServices", "-"),
            (
                "LmPackageName",
                if package == "NTLM" { "NTLM V2" } else { "-" },
            ),
            ("KeyLength", if package == "NTLM" { "128" } else { "0" }),
        ]);
    if over_network {
        data.texts(&[("ProcessId", "0x0"), ("ProcessName", "-")])
            .client(rng.pick_skewed(&pools.private_addresses), port(rng));
    } else {
        data.process(rng, r"C:\Windows\System32\services.exe")
            .texts(&[("IpAddress", "-"), ("IpPort", "-")]);
    }
    data.texts(&[
        ("ImpersonationLevel", "%%1833"),
        ("RestrictedAdminMode", "-"),
        ("TargetOutboundUserName", "-"),
        ("TargetOutboundDomainName", "-"),
        ("VirtualAccount", "%%1843"),
        ("TargetLinkedLogonId", "0x0"),
        ("ElevatedToken", rng.word(&["%%1842", "%%1843"])),
    ]);
}

pub(super) fn failed_logon(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let from_outside = rng.chance(0.6);
    let (name, address, workstation) = match from_outside {
        true => (
            rng.word(&GUESSED),
            rng.pick_skewed(&pools.public_addresses),
            "WORKSTATION",
        ),
        false => (
            rng.pick_skewed(&pools.users),
            rng.pick_skewed(&pools.private_addresses),
            moment.machine,
        ),
    };
    let (status, reason) = *rng.pick(&[
        ("0xc000006a", "%%2313"),
        ("0xc0000064", "%%2313"),
        ("0xc0000234", "%%2307"),
    ]);
    data.account("Subject", &Account::nobody()).texts(&[
        ("TargetUserSid", "S-1-0-0"),
        ("TargetUserName", name),
        ("TargetDomainName", DOMAIN),
        ("Status", "0xc000006d"),
        ("FailureReason", reason),
        ("SubStatus", status),
        ("LogonType", "3"),
        ("LogonProcessName", "NtLmSsp "),
        ("AuthenticationPackageName", "NTLM"),
        ("WorkstationName", workstation),
        ("TransmittedServices", "-"),
        ("LmPackageName", "-"),
        ("KeyLength", "0"),
        ("ProcessId", "0x0"),
        ("ProcessName", "-"),
    ]);
    data.client(address, port(rng));
}

pub(super) fn logoff(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let target = Account::any(rng, pools, moment);
    data.account("Target", &target)
        .text("LogonType", rng.word(&["3", "3", "3", "5", "2", "10"]));
}

pub(super) fn explicit_logon(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let subject = Account::any(rng, pools, moment);
    let server = rng.word(&["localhost", "files.corp.example.com"]);
    data.account("Subject", &subject).texts(&[
        ("LogonGuid", NO_GUID),
        ("TargetUserName", rng.pick_skewed(&pools.users)),
        ("TargetDomainName", DOMAIN),
        ("TargetLogonGuid", &guid(rng)),
        ("TargetServerName", server),
        ("TargetInfo", server),
    ]);
    data.process(rng, r"C:\Windows\System32\lsass.exe")
        .client(rng.pick_skewed(&pools.private_addresses), port(rng));
}

pub(super) fn privileges(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let subject = Account::any(rng, pools, moment);
    let count = rng.between(2, PRIVILEGES.len() as u64 + 1) as usize;
    let list = PRIVILEGES.get(..count).unwrap_or(&PRIVILEGES);
    data.account("Subject", &subject)
        .text("PrivilegeList", &list.join("\n\t\t\t"));
}

pub(super) fn process(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let subject = Account::any(rng, pools, moment);
    let (path, command) = *rng.pick(&PROGRAMS);
    let (parent, _) = *rng.pick(&PROGRAMS);
    data.account("Subject", &subject).texts(&[
        ("NewProcessId", &process_id(rng)),
        ("NewProcessName", path),
        (
            "TokenElevationType",
            rng.word(&["%%1936", "%%1937", "%%1938"]),
        ),
        ("ProcessId", &process_id(rng)),
        ("CommandLine", &numbered(rng, command)),
    ]);
    data.account("Target", &Account::nobody()).texts(&[
        ("ParentProcessName", parent),
        ("MandatoryLabel", rng.word(&["S-1-16-8192", "S-1-16-16384"])),
    ]);
}

pub(super) fn process_end(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let subject = Account::any(rng, pools, moment);
    let (path, _) = *rng.pick(&PROGRAMS);
    data.account("Subject", &subject)
        .text("Status", rng.word(&["0x0", "0x0", "0x1", "0xc000013a"]))
        .process(rng, path);
}

pub(super) fn account_created(scene: &mut Scene, _: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let name = format!("new{}", rng.below(10_000));
    data.texts(&[
        ("TargetUserName", &name),
        ("TargetDomainName", DOMAIN),
        ("TargetSid", &sid(&name)),
    ]);
    data.account("Subject", &Account::user(rng, pools)).texts(&[
        ("PrivilegeList", "-"),
        ("SamAccountName", &name),
        ("DisplayName", "%%1793"),
        ("UserPrincipalName", "-"),
        ("HomeDirectory", "%%1793"),
        ("HomePath", "%%1793"),
        ("ScriptPath", "%%1793"),
        ("ProfilePath", "%%1793"),
        ("UserWorkstations", "%%1793"),
        ("PasswordLastSet", "%%1794"),
        ("AccountExpires", "%%1794"),
        ("PrimaryGroupId", "513"),
        ("AllowedToDelegateTo", "-"),
        ("OldUacValue", "0x0"),
        ("NewUacValue", "0x15"),
        ("UserAccountControl", "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084"),
        ("UserParameters", "%%1793"),
        ("SidHistory", "-"),
        ("LogonHours", "%%1797"),
    ]);
}

pub(super) fn account_locked(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let name = rng.pick_skewed(&pools.users);
    data.texts(&[
        ("TargetUserName", name),
        ("TargetDomainName", moment.machine),
        ("TargetSid", &sid(name)),
    ]);
    data.account("Subject", &Account::machine(moment));
}

pub(super) fn ticket(scene: &mut Scene, _: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let name = rng.pick_skewed(&pools.users);
    let address = rng.pick_skewed(&pools.private_addresses);
    data.texts(&[
        ("TargetUserName", name),
        ("TargetDomainName", DOMAIN),
        ("TargetSid", &sid(name)),
        ("ServiceName", "krbtgt"),
        ("ServiceSid", &format!("{DOMAIN_SID}-502")),
        ("TicketOptions", "0x40810010"),
        ("Status", rng.word(&["0x0", "0x0", "0x0", "0x6", "0x12"])),
        ("TicketEncryptionType", rng.word(&["0x12", "0x12", "0x17"])),
        ("PreAuthType", "2"),
    ]);
    data.client(&format!("::ffff:{address}"), port(rng))
        .texts(&[
            ("CertIssuerName", ""),
            ("CertSerialNumber", ""),
            ("CertThumbprint", ""),
        ]);
}

pub(super) fn service_ticket(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let name = format!("{}@CORP.EXAMPLE.COM", rng.pick_skewed(&pools.users));
    let address = rng.pick_skewed(&pools.private_addresses);
    data.texts(&[
        ("TargetUserName", &name),
        ("TargetDomainName", "CORP.EXAMPLE.COM"),
        ("ServiceName", &format!("{}$", moment.machine)),
        (
            "ServiceSid",
            &format!("{DOMAIN_SID}-{}", rng.between(2_000, 2_400)),
        ),
        ("TicketOptions", "0x40810000"),
        ("TicketEncryptionType", rng.word(&["0x12", "0x12", "0x17"])),
    ]);
    data.client(&format!("::ffff:{address}"), port(rng))
        .texts(&[
            ("Status", "0x0"),
            ("LogonGuid", &guid(rng)),
            ("TransmittedServices", "-"),
        ]);
}

pub(super) fn share(scene: &mut Scene, _: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let subject = Account::user(rng, pools);
    let (name, path) = *rng.pick(&SHARES);
    data.account("Subject", &subject)
        .text("ObjectType", "File")
        .client(rng.pick_skewed(&pools.private_addresses), port(rng))
        .texts(&[
            ("ShareName", name),
            ("ShareLocalPath", path),
            ("AccessMask", "0x1"),
            ("AccessList", "%%4416\n\t\t\t\t"),
        ]);
}

pub(super) fn service(scene: &mut Scene, _: &Moment<'_>, data: &mut Data<'_>) {
    let rng = &mut scene.rng;
    let (name, path) = *rng.pick(&SERVICES);
    data.texts(&[
        ("ServiceName", &numbered(rng, name)),
        ("ImagePath", &numbered(rng, path)),
        ("ServiceType", "user mode service"),
        ("StartType", rng.word(&["auto start", "demand start"])),
        ("AccountName", "LocalSystem"),
    ]);
}

pub(super) fn script_block(scene: &mut Scene, _: &Moment<'_>, data: &mut Data<'_>) {
    let rng = &mut scene.rng;
    let script = *rng.pick(&SCRIPTS);
    let path = match rng.chance(0.5) {
        true => format!(r"C:\Scripts\report{}.ps1", rng.below(40)),
        false => String::new(),
    };
    data.texts(&[
        ("MessageNumber", "1"),
        ("MessageTotal", "1"),
        ("ScriptBlockText", &numbered(rng, script)),
        ("ScriptBlockId", &rng.uuid()),
        ("Path", &path),
    ]);
}

/// What every event of Sysmon begins with.
fn sysmon(rng: &mut Rng, moment: &Moment<'_>, image: &str, data: &mut Data<'_>) -> String {
    let time = at(moment.second).strftime("%Y-%m-%d %H:%M:%S");
    let time = format!("{time}.{:03}", moment.ticks / 10_000);
    data.texts(&[
        ("RuleName", "-"),
        ("UtcTime", &time),
        ("ProcessGuid", &guid(rng)),
        ("ProcessId", &(4 * rng.between(100, 4_000)).to_string()),
        ("Image", image),
    ]);
    time
}

pub(super) fn sysmon_process(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let (image, command) = *rng.pick(&PROGRAMS);
    let (parent, parent_command) = *rng.pick(&PROGRAMS);
    let name = image.rsplit('\\').next().unwrap_or(image);
    let user = format!(r"{DOMAIN}\{}", rng.pick_skewed(&pools.users));
    sysmon(rng, moment, image, data);
    let hashes = format!(
        "SHA1={},MD5={},SHA256={},IMPHASH={}",
        rng.hex(40).to_uppercase(),
        rng.hex(32).to_uppercase(),
        rng.hex(64).to_uppercase(),
        rng.hex(32).to_uppercase()
    );
    data.texts(&[
        ("FileVersion", "10.0.17763.1 (WinBuild.160101.0800)"),
        ("Description", name),
        ("Product", "Microsoft® Windows® Operating System"),
        ("Company", "Microsoft Corporation"),
        ("OriginalFileName", name),
        ("CommandLine", &numbered(rng, command)),
        ("CurrentDirectory", r"C:\Windows\system32\"),
        ("User", &user),
        ("LogonGuid", &guid(rng)),
        (
            "LogonId",
            &format!("0x{:x}", rng.between(0x1_0000, 0xfff_ffff)),
        ),
        ("TerminalSessionId", rng.word(&["0", "1", "2"])),
        ("IntegrityLevel", rng.word(&["Medium", "High", "System"])),
        ("Hashes", &hashes),
        ("ParentProcessGuid", &guid(rng)),
        (
            "ParentProcessId",
            &(4 * rng.between(100, 4_000)).to_string(),
        ),
        ("ParentImage", parent),
        ("ParentCommandLine", &numbered(rng, parent_command)),
        ("ParentUser", &user),
    ]);
}

pub(super) fn sysmon_connection(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let (image, _) = *rng.pick(&PROGRAMS);
    let user = format!(r"{DOMAIN}\{}", rng.pick_skewed(&pools.users));
    let destination = rng.pick_skewed(&pools.public_addresses);
    let (destination_port, service) =
        *rng.pick(&[("443", "https"), ("80", "http"), ("53", "domain")]);
    let source_host = format!("{}.corp.example.com", moment.machine);
    sysmon(rng, moment, image, data);
    data.texts(&[
        ("User", &user),
        ("Protocol", "tcp"),
        ("Initiated", "true"),
        ("SourceIsIpv6", "false"),
        ("SourceIp", rng.pick_skewed(&pools.private_addresses)),
        ("SourceHostname", &source_host),
        ("SourcePort", &port(rng).to_string()),
        ("SourcePortName", "-"),
        ("DestinationIsIpv6", "false"),
        ("DestinationIp", destination),
        ("DestinationHostname", "-"),
        ("DestinationPort", destination_port),
        ("DestinationPortName", service),
    ]);
}

pub(super) fn sysmon_file(scene: &mut Scene, moment: &Moment<'_>, data: &mut Data<'_>) {
    let Scene { rng, pools } = scene;
    let (image, _) = *rng.pick(&PROGRAMS);
    let user = rng.pick_skewed(&pools.users);
    let file = format!(
        r"C:\Users\{user}\AppData\Local\Temp\{}.{}",
        rng.hex(8),
        rng.word(&["tmp", "exe", "ps1", "dll"])
    );
    let time = sysmon(rng, moment, image, data);
    data.texts(&[
        ("TargetFilename", &file),
        ("CreationUtcTime", &time),
        ("User", &format!(r"{DOMAIN}\{user}")),
    ]);
}
