"""The helpers that scripts written for SIEM on Amazon OpenSearch Service import.

Names, arguments and results are those that such scripts count on. What belonged to the loader
itself, such as connections to AWS, is not here.
"""

import ipaddress
import re
import urllib.parse
from datetime import datetime, timedelta, timezone

_ACCOUNT = re.compile(r"\W([0-9]{12})/")
_REGION = re.compile(r"global|(?:us|ap|ca|eu|il|me|mx|sa|af|cn)-(?:gov-)?[a-zA-Z]+-[0-9]")
_INSTANCE = re.compile(r"(?:^|[\W_])(i-(?:[0-9a-z]{17}|[0-9a-z]{8}))(?:[\W_]|$)")
_SYSLOG_TIME = re.compile(
    r"([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?")
_FRACTION = re.compile(r"(.*)([0-9]{2})\.([0-9]{1,9})(.*)", re.DOTALL)
_NO_FRAGMENT = re.compile(r"[&(){}@_;<>\s]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# Texts


def extract_aws_account_from_text(text):
    """The first AWS account id that stands between a separator and a slash."""
    found = _ACCOUNT.search(text) if text else None
    return found.group(1) if found else None


def extract_aws_region_from_text(text):
    """The first name of an AWS region."""
    found = _REGION.search(text) if text else None
    return found.group(0) if found else None


def extract_aws_instanceid_from_text(text):
    """The first id of an EC2 instance."""
    found = _INSTANCE.search(text) if text else None
    return found.group(1) if found else None


def validate_ip(value, ecs_key):
    """The value, but None if the field wants an address and it is none."""
    if ".ip" not in ecs_key:
        return value
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return None
    return value


def parse_xff(xff):
    """The addresses of an X-Forwarded-For header."""
    parts = (part.strip() for part in (xff or "").split(","))
    return [part for part in parts if validate_ip(part, ".ip") is not None]


def extract_rds_cluster_instance_identifier(kind, name, log_stream):
    """Cluster and instance from the parts of a log group's name and the log stream."""
    if kind == "instance":
        return None, name
    if kind == "cluster":
        return name, log_stream.split(".")[0]
    return None, None


def cluster_instance_identifier(logdata):
    """Cluster and instance of an RDS log; makes sure that there is an object `rds`."""
    logdata.setdefault("rds", {})
    parts = (logdata.get("@log_group") or "").split("/")
    if parts == [""]:
        parts = [None] * 5
    cluster, instance = extract_rds_cluster_instance_identifier(
        parts[3], parts[4], logdata.get("@log_stream"))
    return {"cluster": cluster, "instance": instance}


def extract_url_http_fields_from_http_request(method, path, version, raw):
    """The objects `http` and `url` of a request line."""
    http, url = {}, {}
    if version:
        http["version"] = version
    if method:
        http["request"] = {"method": method}
    if raw:
        url["original"] = raw
    elif method and path and version:
        url["original"] = path
    path = _split_authority(method, path or "", url)
    path = _unescaped(path)
    if path.count("#") == 1:
        before, fragment = path.split("#")
        if not _NO_FRAGMENT.search(fragment):
            url["fragment"] = fragment
            path = before
    path, mark, query = path.partition("?")
    url["path"] = path
    if mark:
        url["query"] = query
    name = path.rsplit("/", 1)[-1]
    _, dot, extension = name.rpartition(".")
    if dot and "\\" not in extension:
        url["extension"] = extension
    return http, url


def _split_authority(method, path, url):
    """Puts the host of a request to a proxy into `url`, and gives the rest."""
    if path.startswith(("http://", "https://")):
        pieces = path.split("/", 3)
        host = pieces[2]
        if ":" not in host:
            url["domain"] = host
        elif host.count(":") == 1:
            url["domain"], url["port"] = host.split(":")
        return "/" + pieces[-1]
    if method and method.upper() == "CONNECT" and path.count(":") == 1:
        url["domain"], url["port"] = path.split(":")
        return ""
    return path


def _unescaped(path):
    """Percent signs decoded, twice if somebody encoded twice."""
    for _ in range(2):
        if "%" not in path:
            break
        try:
            path = urllib.parse.unquote(path, errors="strict")
        except UnicodeDecodeError:
            break
    return path


# Times


def timestr_to_hours(timestr):
    """An offset such as `+09:00` as the text of its hours; other texts as they are."""
    try:
        hours, minutes = timestr.split(":")
        size = abs(int(hours)) + int(minutes) / 60
    except ValueError:
        return str(timestr)
    return str(-size if hours.strip().startswith("-") else float(size))


def get_timestr_from_logdata_dict(logdata_dict, timestamp_key, has_nanotime):
    """The text of a time field, on wish with six digits of fraction."""
    timestr = value_from_nesteddict_by_dottedkey(logdata_dict, timestamp_key)
    if isinstance(timestr, str):
        timestr = timestr.replace("Z", "+00:00")
    if has_nanotime:
        found = _FRACTION.fullmatch(timestr)
        if found and found.group(4):
            before, seconds, fraction, after = found.groups()
            timestr = f"{before}{seconds}.{fraction[:6].ljust(6, '0')}{after}"
    return timestr


def convert_timestr_to_datetime_wrapper(timestr, timestamp_key, timestamp_format, TZ):
    """The time by the first format that fits."""
    formats = timestamp_format if isinstance(timestamp_format, list) else [timestamp_format]
    for name in formats:
        moment = convert_timestr_to_datetime(timestr, timestamp_key, name, TZ)
        if moment:
            return moment
    return None


def convert_timestr_to_datetime(timestr, timestamp_key, timestamp_format, TZ):
    """The time by `epoch`, `syslog`, `iso8601` or a strptime format."""
    if "epoch" in timestamp_format:
        return convert_epoch_to_datetime(timestr, TZ)
    if "syslog" in timestamp_format:
        return convert_syslog_to_datetime(timestr, TZ)
    if "iso8601" in timestamp_format:
        return convert_iso8601_to_datetime(timestr, TZ, timestamp_key)
    if timestamp_format:
        return convert_custom_timeformat_to_datetime(
            timestr, TZ, timestamp_format, timestamp_key)
    return None


def convert_epoch_to_datetime(timestr, TZ=timezone.utc):
    """The time of seconds, milliseconds or microseconds since 1970."""
    try:
        epoch = float(timestr)
    except ValueError:
        return None
    if epoch >= 1e15:
        epoch /= 1e6
    elif epoch >= 1e12:
        epoch /= 1e3
    return datetime.fromtimestamp(epoch, tz=TZ)


def convrt_micro_epoch_to_seconds_epoch(obj):
    """The text of microseconds since 1970 as seconds; anything else as it is."""
    try:
        micros = int(obj) if isinstance(obj, str) else 0
    except ValueError:
        return obj
    return micros / 1e6 if micros > 1e15 else obj


def convert_syslog_to_datetime(timestr, TZ):
    """The time of a syslog line, in the year that makes it the latest one that is not ahead."""
    found = _SYSLOG_TIME.match(timestr)
    if not found or found.group(1) not in _MONTHS:
        return None
    month = _MONTHS.index(found.group(1)) + 1
    day, hour, minute, second = (int(found.group(at)) for at in range(2, 6))
    micros = int((found.group(6) or "").ljust(6, "0"))
    latest = datetime.now(timezone.utc) + timedelta(hours=12)
    for year in (latest.year, latest.year - 1):
        try:
            moment = datetime(year, month, day, hour, minute, second, micros, tzinfo=TZ)
        except ValueError:
            continue
        if moment <= latest:
            return moment
    return None


def convert_iso8601_to_datetime(timestr, TZ, timestamp_key):
    """The time of an ISO 8601 text."""
    try:
        moment = datetime.fromisoformat(timestr.replace("+0000", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=TZ)


def convert_custom_timeformat_to_datetime(timestr, TZ, timestamp_format, timestamp_key):
    """The time by a strptime format."""
    try:
        moment = datetime.strptime(timestr, timestamp_format)
    except ValueError:
        return None
    return moment if moment.tzinfo or not TZ else moment.replace(tzinfo=TZ)


# Objects


def value_from_nesteddict_by_dottedkey(nested_dict, dotted_key):
    """The value at a path such as `a.b.0.c`; None where there is none, or an empty text."""
    value = nested_dict
    for key in dotted_key.split("."):
        try:
            value = value[int(key) if key.isdigit() else key]
        except (TypeError, KeyError, IndexError):
            return None
    return None if value == "" else value


def value_from_nesteddict_by_dottedkeylist(nested_dict, dotted_key_list):
    """The value at the first of several paths that has one."""
    if isinstance(dotted_key_list, str):
        dotted_key_list = dotted_key_list.split()
    for dotted_key in dotted_key_list:
        value = value_from_nesteddict_by_dottedkey(nested_dict, dotted_key)
        if value is not None:
            return value
    return None


def put_value_into_nesteddict(dotted_key, value):
    """Objects around a value, one for each part of the path; numbers become text."""
    if not isinstance(value, (dict, list, str)):
        value = str(value)
    for key in reversed(dotted_key.split(".")):
        value = {key: value}
    return value


def merge_dotted_key_value_into_dict(patterns_dict, dotted_key, value):
    """Sets the value at a path, making objects on the way."""
    patterns_dict = patterns_dict or {}
    *way, last = dotted_key.split(".")
    inner = patterns_dict
    for key in way:
        inner = inner.setdefault(key, {})
    inner[last] = value
    return patterns_dict


def merge_dicts(dicta, dictb, path=None):
    """Puts all of the second object into the first; where both have a value, the second wins."""
    for key, value in dictb.items():
        present = dicta.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            merge_dicts(present, value)
        elif key not in dicta or present != value:
            dicta[key] = value
    return dicta


def dev_merge_dicts(dicta, dictb):
    """A new object with all of both; where both have a value, the second wins."""
    if not isinstance(dicta, dict) or not isinstance(dictb, dict):
        return dicta
    merged = {**dicta, **dictb}
    for key, value in merged.items():
        present = dicta.get(key)
        if isinstance(value, dict) and isinstance(present, dict) and present != value:
            merged[key] = dev_merge_dicts(present, value)
    return merged


def convert_underscore_field_into_dot_notation(prefix, logdata):
    """Moves fields like `acme_name` into the object `acme`."""
    if not prefix:
        return logdata
    inner = logdata.setdefault(prefix, {})
    begin = prefix + "_"
    for field in [field for field in logdata if field.startswith(begin)]:
        inner[field.replace(begin, "")] = logdata.pop(field)
    return logdata


def convert_keyname_to_safe_field(obj):
    """Makes every `-` in names of fields a `_`, at any depth."""
    if isinstance(obj, dict):
        for key in list(obj):
            safe = key.replace("-", "_")
            if safe != key:
                obj[safe] = obj.pop(key)
            convert_keyname_to_safe_field(obj[safe])
    elif isinstance(obj, list):
        for value in obj:
            convert_keyname_to_safe_field(value)
    return obj


def match_log_with_exclude_patterns(log_dict, log_patterns, ex_pattern=None):
    """Whether a value matches the compiled pattern of the same name, and which one did."""
    for key, pattern in log_patterns.items():
        if key not in log_dict:
            continue
        value = log_dict[key]
        if isinstance(pattern, re.Pattern):
            if pattern.match(str(value)):
                return True, f"{{{key}: {value}}}"
        elif isinstance(value, dict):
            return match_log_with_exclude_patterns(value, pattern)
        elif isinstance(value, list) and value:
            return match_log_with_exclude_patterns(value[0], pattern)
    return False, None
