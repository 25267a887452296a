// Which fields are described and compared when nobody names them.
import { THREAT_FIELD } from "./query";

/** Fields whose values tell what is special about a stretch of time; those that no log has are ignored. */
export const TELLING_FIELDS = [
  "@log_type",
  "event.action",
  "event.outcome",
  "event.category",
  "event.provider",
  "rule.name",
  "error.code",
  "errorCode",
  "source.ip",
  "source.port",
  "source.as.organization.name",
  "source.geo.country_iso_code",
  "source.geo.country_name",
  "source.geo.city_name",
  "destination.ip",
  "destination.port",
  "destination.as.organization.name",
  "destination.geo.country_iso_code",
  "user.name",
  "userIdentity.type",
  "userIdentity.arn",
  "userIdentity.accessKeyId",
  "cloud.account.id",
  "cloud.region",
  "cloud.instance.id",
  "interface_id",
  "user_agent.name",
  "user_agent.original",
  "http.request.method",
  "http.response.status_code",
  "url.domain",
  "url.path",
  "network.transport",
  "dns.question.name",
  THREAT_FIELD,
];

/** Part of a whole in percent, never rounded to 0 or 100 unless it is. */
export function share(part: number, whole: number): number {
  if (whole <= 0 || part <= 0) return 0;
  if (part >= whole) return 100;
  return Math.min(99.9, Math.max(0.1, (part / whole) * 100));
}
