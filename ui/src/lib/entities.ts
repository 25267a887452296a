// Entities: which values are one, by form or by field, where their pages are, and how to search for their events.
import type { LogType } from "../api/types";
import { readState, writeState } from "./url-state";
import type { TimeRange } from "./time";

/** The types that have a page, in the order in which a field is taken for one of them. */
export const ENTITY_TYPES = [
  "ip",
  "user",
  "account",
  "instance",
  "accesskey",
  "domain",
  "bucket",
  "arn",
  "host",
  "country",
  "asn",
  "action",
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

export interface Entity {
  type: EntityType;
  value: string;
}

/** Fields that hold an entity in any log; log types declare more. */
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
  "host.name": "host",
  "source.geo.country_name": "country",
  "source.as.organization.name": "asn",
  "event.action": "action",
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

/** Longest value that is taken for an entity. */
const MAX_VALUE = 500;

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

export function isEntityType(text: string): text is EntityType {
  return (ENTITY_TYPES as readonly string[]).includes(text);
}

/** The type of entity a field holds, by the common fields or by what log types declare; or `null`. */
export function entityTypeOf(field: string, logTypes: LogType[]): EntityType | null {
  const known = FIELDS[field];
  if (known) return known;
  for (const type of ENTITY_TYPES) if (logTypes.some((logType) => logType.entities[type]?.includes(field))) return type;
  return null;
}

/** The entity a field's value is. */
export function entityOf(field: string, value: string, logTypes: LogType[]): Entity | null {
  if (value === "" || value.length > MAX_VALUE) return null;
  const type = entityTypeOf(field, logTypes);
  return type && { type, value };
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

/** The page of an entity, of any type the server knows; the value may hold any character. */
export function entityPath({ type, value }: { type: string; value: string }): string {
  // A leading `_` would make the server take the path for one of OpenSearch's endpoints.
  return `/e/${type}/${encodeURIComponent(value.toWellFormed()).replace(/^_/, "%5F")}`;
}

/** A value as it stands in a query: quoted, with what would end the quotes escaped. */
function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** A field name as it stands in a query. */
function bare(field: string): string {
  return field.replace(/[^\w.@-]/g, "\\$&");
}

/** The search for all events of an entity. */
export function entitySearch(fields: string[], value: string, range: TimeRange, ix = ""): string {
  const q = fields.map((field) => `${bare(field)}:${quoted(value)}`).join(" or ");
  return `/search${writeState({ ...readState(""), q, ix, ...range })}`;
}

/** The search for the events with one value of a field. */
export function valueSearch(field: string, value: string, range: TimeRange, ix = ""): string {
  return `/search${writeState({ ...readState(""), filters: [{ field, value }], ix, ...range })}`;
}

/** Whether an address belongs to no one on the Internet: private, loopback, link-local, shared. */
export function isInternal(address: string): boolean {
  const v4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(address);
  if (v4) {
    const [a, b] = [Number(v4[1]), Number(v4[2])];
    return (
      a === 10 ||
      a === 127 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b < 128)
    );
  }
  return /^(?:::1$|f[cd]|fe[89ab])/i.test(address);
}
