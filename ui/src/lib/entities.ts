// Which values are entities with a page of their own, by the form of a text or by the field that holds it.
import type { LogType } from "../api/types";

export type EntityType = "ip" | "user" | "account" | "instance" | "accesskey" | "domain" | "bucket" | "arn";

export interface Entity {
  type: EntityType;
  value: string;
}

const TYPES: EntityType[] = ["ip", "user", "account", "instance", "accesskey", "domain", "bucket", "arn"];

/** Fields that hold entities in any log; a log type declares more. */
const FIELDS: Record<string, EntityType> = {
  "related.ip": "ip",
  "source.ip": "ip",
  "destination.ip": "ip",
  "client.ip": "ip",
  "server.ip": "ip",
  "host.ip": "ip",
  "source.nat.ip": "ip",
  "destination.nat.ip": "ip",
  "related.user": "user",
  "user.name": "user",
  "cloud.account.id": "account",
  "cloud.instance.id": "instance",
  interface_id: "instance",
  "userIdentity.accessKeyId": "accesskey",
  "url.domain": "domain",
  "dns.question.name": "domain",
  "destination.domain": "domain",
  Bucket: "bucket",
  "requestParameters.bucketName": "bucket",
  "resources.ARN": "arn",
  "userIdentity.arn": "arn",
};

/** Fields whose entity leads on from a whole event, the most telling first. */
const FIRST_OF_EVENT = [
  "source.ip",
  "user.name",
  "destination.ip",
  "cloud.instance.id",
  "url.domain",
  "cloud.account.id",
];

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

function isIpv6(text: string): boolean {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(":")) return false;
  try {
    return new URL(`http://[${text}]/`).hostname.length > 2;
  } catch {
    return false;
  }
}

/** The entity that a whole text is, going by its form; the server decides the same way. */
export function entityByForm(text: string): Entity | null {
  const value = text.trim();
  const found = ((): EntityType | null => {
    if (IPV4.test(value) || isIpv6(value)) return "ip";
    if (/^\d{12}$/.test(value)) return "account";
    if (/^arn:\S+$/.test(value)) return "arn";
    if (/^(?:i|eni)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/i.test(value)) return "instance";
    if (/^(?:AKIA|ASIA)[A-Za-z0-9]{16}$/.test(value)) return "accesskey";
    return null;
  })();
  return found && { type: found, value };
}

/** Whether a text could be the name of a user: one word that is not a condition. */
export function maybeUser(text: string): boolean {
  return /^[^\s:()"*<>{}]{2,100}$/.test(text.trim()) && !entityByForm(text);
}

/** The entity a field's value is: what the log types declare, or the common fields. */
export function entityOf(field: string, value: string, logTypes: LogType[]): Entity | null {
  if (value === "" || value.length > 500) return null;
  const known = FIELDS[field];
  if (known) return { type: known, value };
  for (const { entities } of logTypes) {
    for (const [type, fields] of Object.entries(entities ?? {})) {
      const at = TYPES.find((name) => name === type);
      if (at && fields.includes(field)) return { type: at, value };
    }
  }
  return null;
}

/** The entity that leads on from an event, by what its fields hold. */
export function entityOfEvent(read: (field: string) => string | undefined): Entity | null {
  for (const field of FIRST_OF_EVENT) {
    const value = read(field);
    const type = FIELDS[field];
    if (value && type) return { type, value };
  }
  return null;
}

/** The address of an entity's page. */
export function entityPath({ type, value }: Entity): string {
  return `/e/${type}/${encodeURIComponent(value.toWellFormed())}`;
}
