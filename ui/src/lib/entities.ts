// Entities: which fields hold them, where their pages are, and how to search for all of their events.
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

/** Fields that hold an entity in any log; log types declare more. */
const FIELDS: Record<string, EntityType> = {
  "related.ip": "ip",
  "source.ip": "ip",
  "destination.ip": "ip",
  "client.ip": "ip",
  "server.ip": "ip",
  "related.user": "user",
  "user.name": "user",
  "cloud.account.id": "account",
  "cloud.instance.id": "instance",
  "url.domain": "domain",
  "dns.question.name": "domain",
  "userIdentity.accessKeyId": "accesskey",
  "userIdentity.arn": "arn",
  "requestParameters.bucketName": "bucket",
  Bucket: "bucket",
  "host.name": "host",
  "source.geo.country_name": "country",
  "source.as.organization.name": "asn",
  "event.action": "action",
};

export function isEntityType(text: string): text is EntityType {
  return (ENTITY_TYPES as readonly string[]).includes(text);
}

/** The type of entity a field holds, or `null`. */
export function entityTypeOf(field: string, logTypes: LogType[]): EntityType | null {
  const known = FIELDS[field];
  if (known) return known;
  for (const type of ENTITY_TYPES) if (logTypes.some((logType) => logType.entities[type]?.includes(field))) return type;
  return null;
}

/** The page of an entity; the value may hold any character. */
export function entityPath(type: string, value: string): string {
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
