// Where an address is: place, network, and whether it is one of our own.
import type { Entity } from "../../api/types";
import { language, t } from "../../i18n";
import { entityPath, isInternal } from "../../lib/entities";
import { Short } from "../Text";
import { WorldMap } from "./WorldMap";

interface Geo {
  city_name?: string;
  country_name?: string;
  country_iso_code?: string;
  location?: { lon?: number; lat?: number };
}

interface Network {
  number?: number;
  organization?: { name?: string };
}

/** The name of a country in the reader's language; a code nobody gave out stays as it is. */
function countryName(code: string | undefined): string | undefined {
  if (!code || !/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(language.value, { type: "region" }).of(code);
}

export function Where({ entity, search }: { entity: Entity; search: string }) {
  const geo = (entity.geo ?? null) as Geo | null;
  const network = (entity.as ?? null) as Network | null;
  const place = [geo?.city_name, geo?.country_name ?? countryName(geo?.country_iso_code)].filter(Boolean).join(", ");
  const { lon, lat } = geo?.location ?? {};
  const company = network?.organization?.name;
  return (
    <div class="where">
      {typeof lon === "number" && typeof lat === "number" && (
        <WorldMap lon={lon} lat={lat} label={t("entity.map", { place: place || `${lat}, ${lon}` })} />
      )}
      {place && (
        <p class="where-place" data-test="place">
          {geo?.country_iso_code && <span class="country">{geo.country_iso_code.slice(0, 2)}</span>}{" "}
          {geo?.country_name ? (
            <a class="value-link" href={entityPath({ type: "country", value: geo.country_name }) + search}>
              <Short text={place} limit={80} />
            </a>
          ) : (
            <Short text={place} limit={80} />
          )}
        </p>
      )}
      {network && (
        <p>
          {network.number !== undefined && <span class="mono">AS{network.number} </span>}
          {company && (
            <a class="value-link" href={entityPath({ type: "asn", value: company }) + search}>
              <Short text={company} limit={80} />
            </a>
          )}
        </p>
      )}
      {isInternal(entity.value) ? (
        <p class="hint">{t("entity.internal.text")}</p>
      ) : (
        !place && !network && <p class="hint">{t("entity.noPlace")}</p>
      )}
    </div>
  );
}
