// Generated from crates/api/openapi.json by `npm run gen:api`; do not edit.
export interface paths {
    "/_cat/indices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Indices with their sizes, as a text table or with `format=json` as JSON. */
        get: {
            parameters: {
                query?: {
                    /** @description `json` or `text` */
                    format?: string;
                    /** @description `b` for plain numbers */
                    bytes?: string;
                    /** @description Columns, comma-separated */
                    h?: string;
                    /** @description Column names as first line */
                    v?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Indices; all values are text */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: string;
                        }[];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/_cluster/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the store answers; one machine is one node. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OpenSearch's cluster health */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/_msearch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs many searches; the body is a header line and a body line for each. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description Pairs of lines: header, search request */
            requestBody: {
                content: {
                    "application/x-ndjson": string;
                };
            };
            responses: {
                /** @description Each response has its own `status` */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MsearchAnswer"];
                    };
                };
                /** @description The body is no pairs of lines */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SearchErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Dead letters, newest first; raw records are cut after 4 KiB. */
        get: {
            parameters: {
                query?: {
                    /** @description Only this reason. */
                    reason?: string;
                    /** @description Only this log type. */
                    log_type?: string;
                    /** @description Only dead letters of the object with this id in the ledger. */
                    object?: string;
                    /** @description Only dead letters with this text in the raw record or the detail. */
                    text?: string;
                    /** @description `next` of the page before. */
                    cursor?: string;
                    /** @description Most items to return; 100 if absent, at most 1,000. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeadLetterList"];
                    };
                };
                /** @description A parameter is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs dead letters again; needs the role `admin`. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RetryRequest"];
                };
            };
            responses: {
                /** @description Taken on */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RetryAnswer"];
                    };
                };
                /** @description The request is wrong or names nothing */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description `X-CSRF` is missing or the role is */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dead letter with its raw record, cut after 1 MiB. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The dead letter */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeadLetterItem"];
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enrich": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What is known of up to 500 values: place, network, threat lists, and whether they are new. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["EnrichRequest"];
                };
            };
            responses: {
                /** @description What is known of them */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["EnrichAnswer"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description There is no such type of entity */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/entities/{type}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything about an entity. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description ip, user, account, instance, accesskey, domain, bucket, arn, host, country, asn or action */
                    type: string;
                    /** @description Value */
                    value: string;
                    /** @description First millisecond, since the epoch. */
                    from: number;
                    /** @description One past the last millisecond. */
                    to: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What is known of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Entity"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description There is no such type of entity */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own exports, newest first, at most 10. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Exports */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Export"][];
                    };
                };
            };
        };
        put?: never;
        /** Begins to write a whole result to a file. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ExportRequest"];
                };
            };
            responses: {
                /** @description Begun */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Export"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description `X-CSRF` is missing */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description There are too many exports; remove some */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One export of one's own. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The export */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Export"];
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Stops an export, or removes its file. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Removed */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description `X-CSRF` is missing */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file of an export that is done. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The file */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": unknown;
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description It is not done */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fields/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finds the values that are more common inside a window than outside. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ExplainRequest"];
                };
            };
            responses: {
                /** @description Values, the most telling first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Explanation"][];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fields/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Describes fields over all events that match. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["StatsRequest"];
                };
            };
            responses: {
                /** @description Statistics */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["StatsAnswer"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What needs attention now. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What needs attention */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Home"];
                    };
                };
                /** @description Not signed in */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Objects that were read, newest first, with sums over the whole filter. */
        get: {
            parameters: {
                query?: {
                    /** @description Only this log type. */
                    log_type?: string;
                    /** @description Only objects in this state. */
                    status?: components["schemas"]["ObjectStatus"];
                    /** @description Only objects with this text in bucket, key or reason. */
                    text?: string;
                    /** @description Only objects with records that failed. */
                    with_failures?: boolean;
                    /** @description `next` of the page before. */
                    cursor?: string;
                    /** @description Most items to return; 100 if absent, at most 1,000. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LedgerPage"];
                    };
                };
                /** @description A parameter is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a short link; everyone who can sign in may open it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LinkRequest"];
                };
            };
            responses: {
                /** @description The short link */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LinkAnswer"];
                    };
                };
                /** @description This is no path of the page */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description `X-CSRF` is missing */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/log-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log types, in the order they are shown. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Log types */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogTypeStatus"][];
                    };
                };
                /** @description Not signed in */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/query/parse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads a query text. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ParseRequest"];
                };
            };
            responses: {
                /** @description The query, or why it is none */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ParseAnswer"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-searches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own saved searches by name, at most 500. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Saved searches */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SavedSearchItem"][];
                    };
                };
            };
        };
        put?: never;
        /** Saves a search. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SearchToSave"];
                };
            };
            responses: {
                /** @description Saved */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SavedSearchItem"];
                    };
                };
                /** @description Name or address do not fit */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description `X-CSRF` is missing */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description The name is taken, or there are too many */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-searches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One saved search of one's own. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The saved search */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SavedSearchItem"];
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        /** Gives a saved search of one's own another name and address. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SearchToSave"];
                };
            };
            responses: {
                /** @description Changed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SavedSearchItem"];
                    };
                };
                /** @description Name or address do not fit */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description The name is taken */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        post?: never;
        /** Deletes a saved search of one's own. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Deleted */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description There is none with this id */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who one is. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Signed in, or nobody has to */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SessionInfo"];
                    };
                };
                /** @description Not signed in */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        /** Signs in; the answer sets the session's cookie. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SignIn"];
                };
            };
            responses: {
                /** @description Signed in */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SessionInfo"];
                    };
                };
                /** @description Wrong name or password */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
                /** @description Too many failures; wait `retry_after_s` */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        /** Signs out; the answer deletes the session's cookie. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Signed out */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description `X-CSRF` is missing or wrong */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How each source is doing. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Sources */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Sources"];
                    };
                };
                /** @description Not signed in */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of an object: its route, its reading, its records, its events. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Key of the object, its path as it was loaded, or `s3://bucket/key`. */
                    key: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What became of it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Whereabouts"];
                    };
                };
                /** @description A parameter is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suggest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Completes the text at the cursor. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SuggestRequest"];
                };
            };
            responses: {
                /** @description What could stand at the cursor */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SuggestAnswer"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/l/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to the address behind a short link; to the sign-in page first if need be. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The address is in `Location` */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description There is no such link; the page says so */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": unknown;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{index}/_count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Counts documents. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Index names, comma-separated, with `*` */
                    index: string;
                };
                cookie?: never;
            };
            /** @description Object with `query` */
            requestBody: {
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            responses: {
                /** @description Answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CountAnswer"];
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SearchErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{index}/_doc/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One document by its id. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Index name */
                    index: string;
                    /** @description Document id */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description `{_index, _id, found, _source}` */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                /** @description The same with `found` false */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{index}/_field_caps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists fields with their types. */
        get: {
            parameters: {
                query?: {
                    /** @description Field names, comma-separated, with `*` */
                    fields?: string;
                };
                header?: never;
                path: {
                    /** @description Index names, comma-separated, with `*` */
                    index: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OpenSearch's `{indices, fields}` */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                /** @description The request is wrong */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SearchErrorBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{index}/_search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Searches; what is not supported in the body is refused with its JSON path. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Index names, comma-separated, with `*` */
                    index: string;
                };
                cookie?: never;
            };
            /** @description OpenSearch search request */
            requestBody: {
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            responses: {
                /** @description Answer */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SearchAnswer"];
                    };
                };
                /** @description The JSON path is in `reason` */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SearchErrorBody"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Which store answers.
         * @enum {string}
         */
        Backend: "embedded" | "opensearch";
        /** @description The answer to a count. */
        CountAnswer: {
            /** @description How many parts of the indices answered. */
            _shards: components["schemas"]["ShardCounts"];
            /**
             * Format: int64
             * @description How many documents match.
             */
            count: number;
        };
        /** @description A record that could not become a document. */
        DeadLetterItem: {
            /** @description Bucket of the object. */
            bucket: string;
            /**
             * Format: int64
             * @description Offset in the decompressed object.
             */
            byte_offset: number;
            /** @description What exactly was wrong. */
            detail: string;
            /** @description Identifier. */
            id: string;
            /** @description Key of the object. */
            key: string;
            /**
             * Format: int64
             * @description Line in the object, from 1, if it has lines.
             */
            line?: number | null;
            /** @description Log type, if the object was routed to one. */
            log_type?: string | null;
            /** @description Identifier of the object in the ledger. */
            object: string;
            /** @description Version of the parser that failed. */
            parser_version: string;
            /** @description The record as text; what is not UTF-8 is replaced. */
            raw: string;
            /**
             * Format: int64
             * @description Length of the whole record in bytes.
             */
            raw_bytes: number;
            /** @description The record is not UTF-8, so `raw` is not exact. */
            raw_lossy: boolean;
            /** @description `raw` is only the beginning. */
            raw_truncated: boolean;
            /** @description Stable reason. */
            reason: string;
            /**
             * Format: date-time
             * @description When it was last run again.
             */
            retried?: string | null;
            /**
             * Format: int32
             * @description How often it was run again.
             */
            retries: number;
            /**
             * Format: date-time
             * @description When it failed.
             */
            time: string;
        };
        /** @description One page of dead letters. */
        DeadLetterList: {
            /** @description Numbers by reason over the whole filter. */
            counts: components["schemas"]["ReasonCount"][];
            /** @description Dead letters, newest first. */
            items: components["schemas"]["DeadLetterItem"][];
            /** @description Cursor of the next page; absent on the last. */
            next?: string | null;
        };
        /** @description What is known of the values. */
        EnrichAnswer: {
            /**
             * Format: int64
             * @description Days the logs reach back; with fewer than 2 nothing is called new.
             */
            baseline_days: number;
            /** @description One for each value, in the order asked. */
            items: components["schemas"]["Enriched"][];
        };
        /** @description Values to look up. */
        EnrichRequest: {
            /** @description Values, at most 500. */
            values: components["schemas"]["EntityName"][];
        };
        /** @description What is known of a value. */
        Enriched: {
            /** @description Whose network an address belongs to. */
            as?: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: date-time
             * @description Its first event; absent if it came within the last seconds, or is not kept because there are
             *     too many different values.
             */
            first_seen?: string | null;
            /** @description Where an address is. */
            geo?: {
                [key: string]: unknown;
            } | null;
            /** @description Its first event was less than 24 hours ago. */
            new: boolean;
            /** @description Entries of threat lists that name it. */
            threats: {
                [key: string]: unknown;
            }[];
            /** @description Type of entity. */
            type: string;
            /** @description Value. */
            value: string;
        };
        /** @description What is known of an entity. */
        Entity: {
            /** @description Whose network an address belongs to. */
            as?: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: int64
             * @description Its events in the window of the same length before.
             */
            before_window: number;
            /**
             * Format: int64
             * @description Events of the window whose outcome is a failure.
             */
            failed: number;
            /** @description Fields it is looked for in. */
            fields: string[];
            /**
             * Format: date-time
             * @description Its first event of all.
             */
            first_seen?: string | null;
            /** @description Where an address is. */
            geo?: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: int64
             * @description Its events in the window.
             */
            in_window: number;
            /**
             * Format: int64
             * @description Length of a bar of the lanes, in milliseconds.
             */
            interval_ms: number;
            /** @description Its activity by log type, the busiest first. */
            lanes: components["schemas"]["Lane"][];
            /**
             * Format: date-time
             * @description Its last event of all.
             */
            last_seen?: string | null;
            /** @description How usual it is. */
            rarity: components["schemas"]["Rarity"];
            /** @description What it was seen with in the window, the most telling field first. */
            seen_with: components["schemas"]["SeenWith"][];
            /**
             * @description Entries of threat lists that name it, of the lists as they are now and as they were when its
             *     latest events were loaded.
             */
            threats: {
                [key: string]: unknown;
            }[];
            /**
             * Format: int64
             * @description Its events of all time.
             */
            total: number;
            /** @description Its type. */
            type: string;
            /** @description Its value. */
            value: string;
            /**
             * Format: int64
             * @description Events of the window that tell their outcome.
             */
            with_outcome: number;
        };
        /** @description A value with the type of entity it is. */
        EntityName: {
            /** @description Type of entity, for example `ip`. */
            type: string;
            /** @description Value. */
            value: string;
        };
        /** @description An error of `/api/v1`; the page holds the text for each code. */
        ErrorBody: {
            /** @description Stable code, for example `not_signed_in`. */
            code: string;
            /** @description Values for the text. */
            params: {
                [key: string]: string;
            };
            /** @description Id of the request, also in the `X-Request-Id` header and in the server's log. */
            request_id: string;
        };
        /** @description Two sets of events to compare. */
        ExplainRequest: {
            /** @description What it is compared with; its part inside the window does not count. */
            baseline: components["schemas"]["TimeWindow"];
            /** @description Names of fields, at most 50. */
            fields: string[];
            /** @description Index names, comma-separated, with `*`. */
            index: string;
            /** @description Query DSL for both; everything if absent. */
            query?: {
                [key: string]: unknown;
            } | null;
            /** @description The window to explain. */
            window: components["schemas"]["TimeWindow"];
        };
        /** @description A value that is more common inside a window than outside. */
        Explanation: {
            /** @description Field. */
            field: string;
            /**
             * Format: double
             * @description Its share of the events inside, in percent.
             */
            in_pct: number;
            /**
             * Format: int64
             * @description Events inside the window that have it.
             */
            inside: number;
            /**
             * Format: double
             * @description How many times larger its share is inside; a value that is new counts as if one event had it.
             */
            lift: number;
            /**
             * Format: double
             * @description Its share of the events outside, in percent.
             */
            out_pct: number;
            /**
             * Format: int64
             * @description Events outside that have it.
             */
            outside: number;
            /** @description Value. */
            value: string;
        };
        /** @description An export, and how far it is. */
        Export: {
            /**
             * Format: int64
             * @description Bytes written.
             */
            bytes: number;
            /**
             * Format: date-time
             * @description When the file is removed; a day after it was finished.
             */
            expires?: string | null;
            /** @description How it is written. */
            format: components["schemas"]["ExportFormat"];
            /** @description Identifier. */
            id: string;
            /** @description There are more events than one export may hold, 1,000,000 or 2 GiB: only the first are there. */
            is_cut: boolean;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            started: string;
            /** @description How far it is. */
            state: components["schemas"]["JobState"];
            /**
             * Format: int64
             * @description Events that match, as far as is known.
             */
            total: number;
            /**
             * Format: int64
             * @description Events written.
             */
            written: number;
        };
        /**
         * @description How an export is written.
         * @enum {string}
         */
        ExportFormat: "csv" | "ndjson";
        /** @description What to export. */
        ExportRequest: {
            /** @description Columns of a table, 1 to 200; not for `ndjson`, which holds whole events. */
            fields?: string[];
            /** @description How to write it. */
            format: components["schemas"]["ExportFormat"];
            /** @description Index names, comma-separated, with `*`. */
            index: string;
            /** @description Oldest events first instead of newest. */
            oldest_first?: boolean;
            /** @description Query DSL; everything if absent. */
            query?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description What a field holds. */
        FieldStats: {
            /**
             * Format: double
             * @description Mean, of numbers.
             */
            avg?: number | null;
            /**
             * Format: int64
             * @description Events that have the field.
             */
            count: number;
            /**
             * Format: int64
             * @description Distinct values; absent for fields whose values are not counted.
             */
            distinct?: number | null;
            /**
             * Format: double
             * @description Largest value, of numbers and dates.
             */
            max?: number | null;
            /**
             * Format: double
             * @description Smallest value, of numbers and dates.
             */
            min?: number | null;
            /**
             * Format: int64
             * @description Events that lack it.
             */
            missing: number;
            /**
             * Format: double
             * @description Median, of numbers.
             */
            p50?: number | null;
            /**
             * Format: double
             * @description 95th percentile, of numbers.
             */
            p95?: number | null;
            /** @description Rarest values, if they were asked for. */
            rare: components["schemas"]["ValueCount"][];
            /** @description Commonest values. */
            top: components["schemas"]["ValueCount"][];
            /** @description Its type. */
            type: string;
        };
        /** @description One document of an answer. */
        Hit: {
            /** @description Id. */
            _id: string;
            /** @description Index. */
            _index: string;
            /**
             * Format: double
             * @description Score.
             */
            _score?: number | null;
            /** @description The document; absent when the request did not ask. */
            _source?: {
                [key: string]: unknown;
            } | null;
            /** @description Values of the fields asked for, each a list. */
            fields?: {
                [key: string]: unknown[];
            } | null;
            /** @description Marked extracts by field. */
            highlight?: {
                [key: string]: string[];
            } | null;
            /** @description Values the document was sorted by, for `search_after`. */
            sort?: unknown[] | null;
        };
        /** @description The documents of an answer. */
        Hits: {
            /** @description Documents in the order asked for. */
            hits: components["schemas"]["Hit"][];
            /**
             * Format: double
             * @description Best score; absent when nothing is scored.
             */
            max_score?: number | null;
            total?: components["schemas"]["HitsTotal"] | null;
        };
        /** @description How many documents match. */
        HitsTotal: {
            /** @description `eq` for exactly, `gte` for at least. */
            relation: string;
            /**
             * Format: int64
             * @description Number.
             */
            value: number;
        };
        /** @description What needs attention now. */
        Home: {
            /**
             * Format: int64
             * @description Days the logs reach back; with fewer than 2, everything would be new, and `newcomers` is empty.
             */
            baseline_days: number;
            /** @description Entities whose first event was in the last 24 hours. */
            newcomers: components["schemas"]["Newcomers"][];
            /**
             * Format: date-time
             * @description The time that everything is told for.
             */
            now: string;
            /** @description Log types that have gone silent. */
            silent: components["schemas"]["SilentSource"][];
            /** @description Events of the last 24 hours that match a threat list. */
            threats: components["schemas"]["Threats"];
            /** @description Log types with events in the last 24 hours or in the same hours a week ago. */
            volume: components["schemas"]["Volume"][];
        };
        /**
         * @description How far an export is.
         * @enum {string}
         */
        JobState: "waiting" | "running" | "done" | "failed";
        /** @description A log type and how it recognises its keys. */
        KeyMatch: {
            /** @description Its index. */
            index: string;
            /** @description Log type. */
            log_type: string;
            /** @description Its pattern for keys, `s3_key`. */
            pattern: string;
        };
        /** @description Where a key leads, and why. */
        KeyRoute: {
            /** @description No log type's pattern is found in the key, so what the object holds decides. */
            by_content: boolean;
            /**
             * @description Why the object is left out as a whole: `folder`, `unknown`, `key_ignored`, `no_format`,
             *     `no_index`, `empty` or `tiny`.
             */
            ignored?: string | null;
            /** @description The log type that takes it. */
            log_type?: string | null;
            /** @description Log types whose pattern is found in the key, in the order they are tried; the first one counts. */
            matches: components["schemas"]["KeyMatch"][];
            /** @description Log types that do not match but whose name or pattern has a word of the key. */
            similar: components["schemas"]["KeyMatch"][];
        };
        /** @description The time from an event to its loading, over the latest events. */
        Lag: {
            /**
             * Format: int64
             * @description Events that were looked at.
             */
            events: number;
            /**
             * Format: int64
             * @description Median, in milliseconds.
             */
            p50_ms: number;
            /**
             * Format: int64
             * @description 95th percentile, in milliseconds.
             */
            p95_ms: number;
        };
        /** @description An entity's events in one log type. */
        Lane: {
            /** @description Events by bar, from the window's start; each bar is `interval_ms` long. */
            bars: number[];
            /** @description The same for the window of the same length before. */
            before: number[];
            /**
             * Format: int64
             * @description Events in the window of the same length before.
             */
            before_total: number;
            /** @description Log type. */
            log_type: string;
            /**
             * Format: int64
             * @description Events in the window.
             */
            total: number;
        };
        /** @description One object that was read; `read` = `documents` + excluded + `failed`. */
        LedgerItem: {
            /** @description Bucket, empty for local files without one. */
            bucket: string;
            /**
             * Format: int64
             * @description Documents written.
             */
            documents: number;
            /**
             * Format: int64
             * @description Those of them whose records have only the beginning of their log type's layout.
             */
            drifted: number;
            /** @description Records left out on purpose, by reason. */
            excluded: components["schemas"]["ReasonCount"][];
            /**
             * Format: int64
             * @description Records that became dead letters.
             */
            failed: number;
            /**
             * Format: date-time
             * @description When reading ended.
             */
            finished: string;
            /** @description Identifier of this row. */
            id: string;
            /** @description Key or path. */
            key: string;
            /** @description Log type, if the object was routed to one. */
            log_type?: string | null;
            /**
             * Format: int64
             * @description Records read.
             */
            read: number;
            /**
             * Format: int64
             * @description Size as stored, in bytes.
             */
            size_bytes: number;
            /**
             * Format: date-time
             * @description When reading began.
             */
            started: string;
            /** @description How reading ended. */
            status: components["schemas"]["ObjectStatus"];
            /** @description Why it was ignored or failed. */
            status_reason?: string | null;
        };
        /** @description One page of the ledger. */
        LedgerPage: {
            /** @description Objects, newest first. */
            items: components["schemas"]["LedgerItem"][];
            /** @description Cursor of the next page; absent on the last. */
            next?: string | null;
            /** @description Sums over the whole filter. */
            totals: components["schemas"]["LedgerTotals"];
        };
        /** @description Sums over every object the filter lets through, not only this page. */
        LedgerTotals: {
            /**
             * Format: int64
             * @description Documents written.
             */
            documents: number;
            /**
             * Format: int64
             * @description Those of them whose records have only the beginning of their log type's layout.
             */
            drifted: number;
            /**
             * Format: int64
             * @description Records left out on purpose.
             */
            excluded: number;
            /**
             * Format: int64
             * @description Records that became dead letters.
             */
            failed: number;
            /**
             * Format: int64
             * @description Number of objects.
             */
            objects: number;
            /**
             * Format: int64
             * @description Records read.
             */
            read: number;
            /**
             * Format: int64
             * @description Bytes as stored.
             */
            size_bytes: number;
        };
        /** @description A short link. */
        LinkAnswer: {
            /** @description Identifier; the same address always has the same one. */
            id: string;
            /** @description The short path, `/l/` and the identifier. */
            path: string;
        };
        /** @description An address to shorten. */
        LinkRequest: {
            /** @description A percent-encoded path of this page with its query, at most 128 KiB. */
            url: string;
        };
        /** @description A text in the languages of the page. */
        LocalText: {
            /** @description English. */
            en: string;
            /** @description Japanese. */
            ja: string;
        };
        /** @description What the page knows about a log type. */
        LogTypeInfo: {
            /** @description Columns a table of these events shows, besides the time. */
            columns: string[];
            /** @description Fields that hold entities, by the entity's type: `ip`, `user`, `account`, and so on. */
            entities: {
                [key: string]: string[];
            };
            /** @description Identifier, the value of `@log_type`. */
            id: string;
            /** @description Index pattern, for example `log-aws-cloudtrail-*`. */
            index: string;
            /** @description Field that holds the severity, if there is one. */
            severity?: string | null;
            /** @description Name. */
            title: components["schemas"]["LocalText"];
        };
        /** @description A log type and how lively it is. */
        LogTypeStatus: components["schemas"]["LogTypeInfo"] & {
            /**
             * Format: int64
             * @description Number of its events in the last 24 hours.
             */
            events_24h: number;
            /**
             * Format: date-time
             * @description Newest `@timestamp` of its events.
             */
            last_event?: string | null;
        };
        /** @description What was read of a log type. */
        LogTypeSums: {
            /**
             * Format: int64
             * @description Dead letters there are now.
             */
            dead_letters: number;
            /**
             * Format: int64
             * @description Documents written.
             */
            documents: number;
            /**
             * Format: int64
             * @description Records left out on purpose.
             */
            excluded: number;
            /**
             * Format: int64
             * @description Records that failed, those of them that were run again with success included.
             */
            failed: number;
            /**
             * Format: int64
             * @description Objects that could not be read to their end.
             */
            failed_objects: number;
            /**
             * Format: date-time
             * @description When its last object was read.
             */
            last_object?: string | null;
            /**
             * Format: int64
             * @description Objects read.
             */
            objects: number;
            /**
             * Format: int64
             * @description Records read.
             */
            read: number;
            /**
             * Format: int64
             * @description Their bytes as stored.
             */
            size_bytes: number;
            /**
             * Format: int64
             * @description Bytes as stored of the objects of the last 24 hours.
             */
            size_bytes_24h: number;
        };
        /** @description The answers of a `_msearch`, in the order of the searches. */
        MsearchAnswer: {
            /** @description For each search the answer with its `status`, or the error. */
            responses: components["schemas"]["MsearchItem"][];
            /**
             * Format: int64
             * @description Milliseconds all searches took together.
             */
            took: number;
        };
        /** @description The answer to one search of a `_msearch`. */
        MsearchItem: components["schemas"]["SearchAnswer"] | components["schemas"]["SearchErrorBody"];
        /** @description An entity that is new. */
        NewEntity: {
            /**
             * Format: int64
             * @description Its events.
             */
            count: number;
            /**
             * Format: date-time
             * @description Its first event.
             */
            first_seen?: string | null;
            /** @description Log types it was seen in. */
            log_types: string[];
            /** @description Value. */
            value: string;
        };
        /** @description Entities of one kind that are new. */
        Newcomers: {
            /** @description The most frequent of them. */
            items: components["schemas"]["NewEntity"][];
            /** @description Type of entity. */
            kind: string;
            /**
             * Format: int64
             * @description How many there are.
             */
            total: number;
        };
        /** @description The events of an object. */
        ObjectEvents: {
            /**
             * Format: date-time
             * @description The time of the first.
             */
            first?: string | null;
            /**
             * Format: date-time
             * @description The time of the last.
             */
            last?: string | null;
            /**
             * Format: int64
             * @description How many there are.
             */
            total: number;
        };
        /**
         * @description How reading an object ended.
         * @enum {string}
         */
        ObjectStatus: "loaded" | "ignored" | "failed";
        /** @description What became of a query text; positions are UTF-16 code units, `to` is exclusive. */
        ParseAnswer: {
            /** @description The query for `query` in a search; absent when there are errors. */
            dsl?: {
                [key: string]: unknown;
            } | null;
            /** @description Why the text is no query. */
            errors: components["schemas"]["QueryError"][];
            /** @description Things that are allowed but probably not meant. */
            hints: components["schemas"]["QueryHint"][];
            /** @description Pieces for colouring. */
            tokens: components["schemas"]["QueryToken"][];
        };
        /** @description A query text. */
        ParseRequest: {
            /** @description Indices whose fields are known; without them there are no hints. */
            index?: string | null;
            /** @description Its language; KQL if absent. */
            lang?: components["schemas"]["QueryLanguage"];
            /** @description Text. */
            q: string;
        };
        /** @description Why a text is no query. */
        QueryError: {
            /** @description Stable code. */
            code: string;
            /** @description First code unit of the offending part. */
            from: number;
            /** @description English text, for clients that have none of their own. */
            message: string;
            /** @description Values for the text. */
            params: {
                [key: string]: string;
            };
            /** @description One past its last code unit. */
            to: number;
        };
        /** @description Something that is allowed but probably not meant. */
        QueryHint: {
            /** @description `unknown_field` or `mixed_operators`. */
            code: string;
            /** @description The field that was probably meant. */
            did_you_mean?: string | null;
            /** @description The field as written. */
            field?: string | null;
            /** @description First code unit. */
            from: number;
            /** @description One past the last code unit. */
            to: number;
        };
        /**
         * @description A query language.
         * @enum {string}
         */
        QueryLanguage: "kql" | "lucene";
        /** @description A piece of a query text. */
        QueryToken: {
            /** @description First code unit. */
            from: number;
            /** @description What it is. */
            kind: components["schemas"]["QueryTokenKind"];
            /** @description One past the last code unit. */
            to: number;
        };
        /**
         * @description The kind of a piece of query text.
         * @enum {string}
         */
        QueryTokenKind: "field" | "operator" | "keyword" | "value" | "phrase" | "regex" | "bracket";
        /** @description How usual an entity is, from the daily roll-up, which follows the events within seconds. */
        Rarity: {
            /**
             * Format: int64
             * @description Days looked at, today included: 30, or fewer if no log reaches back that far.
             */
            baseline_days: number;
            /** @description Its events on each day of the baseline, oldest first. */
            days: number[];
            /** @description There are too many different values to keep all of them: days may be missing. */
            is_cut: boolean;
            /**
             * Format: int64
             * @description Entities of its type that were seen in the baseline.
             */
            peers: number;
            /**
             * Format: int64
             * @description Those that were seen on more days than this one.
             */
            peers_on_more_days: number;
            /**
             * Format: int64
             * @description Days of the baseline with an event of it.
             */
            seen_days: number;
        };
        /** @description A number of records with the same reason. */
        ReasonCount: {
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** @description Stable reason, for example `pattern_mismatch`. */
            reason: string;
        };
        /** @description How many dead letters are run again. */
        RetryAnswer: {
            /**
             * Format: int64
             * @description How many were taken on.
             */
            accepted: number;
        };
        /** @description Which dead letters to run again: these ids, or all that fit; everything empty is refused. */
        RetryRequest: {
            /**
             * @description These dead letters; at most 10,000.
             * @default []
             */
            ids: string[];
            /**
             * @description All of this log type.
             * @default null
             */
            log_type: string | null;
            /**
             * @description All with this reason.
             * @default null
             */
            reason: string | null;
        };
        /**
         * @description What a user may do.
         * @enum {string}
         */
        Role: "admin" | "viewer";
        /** @description A saved search. */
        SavedSearchItem: {
            /**
             * Format: date-time
             * @description When it was changed last.
             */
            changed: string;
            /**
             * Format: date-time
             * @description When it was saved first.
             */
            created: string;
            /** @description Identifier. */
            id: string;
            /** @description Name. */
            name: string;
            /** @description The address that shows it. */
            url: string;
        };
        /** @description The answer to a search, as far as it is the same for all. */
        SearchAnswer: {
            /** @description How many parts of the indices answered. */
            _shards: components["schemas"]["ShardCounts"];
            /** @description Aggregations by name. */
            aggregations?: {
                [key: string]: unknown;
            } | null;
            /** @description Documents. */
            hits: components["schemas"]["Hits"];
            /** @description The search ended early, so the answer is incomplete. */
            timed_out: boolean;
            /**
             * Format: int64
             * @description Milliseconds the search took.
             */
            took: number;
        };
        /** @description An error of an OpenSearch endpoint. */
        SearchErrorBody: {
            /** @description What went wrong. */
            error: components["schemas"]["SearchErrorDetail"];
            /**
             * Format: int32
             * @description The HTTP status; in a `_msearch` that of this search.
             */
            status: number;
        };
        /** @description One cause of an error. */
        SearchErrorCause: {
            /** @description The index that does not exist, if that is the error. */
            index?: string | null;
            /** @description What is wrong, with the JSON path of the offending part. */
            reason: string;
            /** @description OpenSearch's name for it, for example `parsing_exception`. */
            type: string;
        };
        /** @description What went wrong in an OpenSearch endpoint. */
        SearchErrorDetail: components["schemas"]["SearchErrorCause"] & {
            /** @description What went wrong first; the same. */
            root_cause: components["schemas"]["SearchErrorCause"][];
        };
        /** @description A search to save. */
        SearchToSave: {
            /** @description Name, 1 to 200 characters, unique among one's own. */
            name: string;
            /** @description The address that shows it: a percent-encoded path of this page. */
            url: string;
        };
        /** @description The commonest values of a field in an entity's events. */
        SeenWith: {
            /** @description Field. */
            field: string;
            /** @description Type of entity that its values are. */
            kind?: string | null;
            /** @description Values with their numbers of events. */
            values: components["schemas"]["ValueCount"][];
        };
        /** @description Who is signed in, and what the server is. */
        SessionInfo: {
            /** @description Which store answers. */
            backend: components["schemas"]["Backend"];
            /** @description What to send as `X-CSRF` with requests that change something; absent when not needed. */
            csrf?: string | null;
            /** @description What this server can do besides searching. */
            features: string[];
            /** @description Language the user chose: `en` or `ja`. */
            lang?: string | null;
            /** @description Nobody has to sign in, so there is no signing out. */
            open: boolean;
            /** @description What the user may do. */
            roles: components["schemas"]["Role"][];
            /** @description Theme the user chose: `light` or `dark`. */
            theme?: string | null;
            /** @description Time zone the user chose, an IANA name. */
            tz?: string | null;
            /** @description Name of the user; `local` when nobody has to sign in. */
            user: string;
            /** @description Version of the server. */
            version: string;
        };
        /** @description How many parts of the indices answered. */
        ShardCounts: {
            /**
             * Format: int64
             * @description Parts that failed.
             */
            failed: number;
            /**
             * Format: int64
             * @description Parts that could not hold a match.
             */
            skipped?: number;
            /**
             * Format: int64
             * @description Parts that answered.
             */
            successful: number;
            /**
             * Format: int64
             * @description All parts.
             */
            total: number;
        };
        /** @description Name and password. */
        SignIn: {
            /** @description Password. */
            password: string;
            /** @description Name. */
            user: string;
        };
        /** @description A log type without events for three times its usual gap. */
        SilentSource: {
            /**
             * Format: date-time
             * @description Its newest event.
             */
            last_event?: string | null;
            /** @description Log type. */
            log_type: string;
            /**
             * Format: int64
             * @description The gap between events that it hardly ever exceeds, in milliseconds.
             */
            usual_gap_ms: number;
        };
        /** @description How a log type is doing. */
        Source: {
            /**
             * Format: int64
             * @description Events of the last 24 hours.
             */
            events_24h: number;
            /** @description Its indices. */
            index?: string | null;
            lag?: components["schemas"]["Lag"] | null;
            /**
             * Format: date-time
             * @description Its newest event.
             */
            last_event?: string | null;
            /**
             * Format: date-time
             * @description When its last object was read.
             */
            last_object?: string | null;
            /** @description Log type. */
            log_type: string;
            /**
             * Format: double
             * @description Events of the last hour, by minute.
             */
            per_minute: number;
            /** @description How it is. */
            state: components["schemas"]["SourceState"];
            sums?: components["schemas"]["LogTypeSums"] | null;
            /**
             * Format: int64
             * @description The gap between events that it hardly ever exceeds, in milliseconds, if enough is known.
             */
            usual_gap_ms?: number | null;
            /** @description Events of the last seven days by hour; the last hour ends now. */
            week: number[];
        };
        /**
         * @description How a source is.
         * @enum {string}
         */
        SourceState: "good" | "silent" | "failing";
        /** @description All sources. */
        Sources: {
            /**
             * Format: int64
             * @description Objects that no log type takes, or that were left out as a whole.
             */
            ignored_objects: number;
            /** @description Log types with events or objects, in the order of log types. */
            items: components["schemas"]["Source"][];
            /**
             * Format: date-time
             * @description The time that everything is told for.
             */
            now: string;
            /** @description Log types that nothing has come for yet. */
            unused: string[];
        };
        /** @description What the fields of all matching events hold. */
        StatsAnswer: {
            /** @description By name; a field that no index has is left out. */
            fields: {
                [key: string]: components["schemas"]["FieldStats"];
            };
            /**
             * Format: int64
             * @description Events that match.
             */
            total: number;
        };
        /** @description Which fields of which events to describe. */
        StatsRequest: {
            /** @description Names of fields, at most 50. */
            fields: string[];
            /** @description Index names, comma-separated, with `*`. */
            index: string;
            /** @description Query DSL; everything if absent. */
            query?: {
                [key: string]: unknown;
            } | null;
            /** @description Whether the rarest values are wanted too. */
            rare?: boolean;
            /**
             * Format: int32
             * @description Commonest values wanted of each, 10 if absent, at most 100.
             */
            top?: number | null;
        };
        /** @description What could stand at the cursor. */
        SuggestAnswer: {
            /** @description First UTF-16 code unit that a suggestion takes the place of. */
            from: number;
            /** @description Suggestions, the likeliest first. */
            items: components["schemas"]["Suggestion"][];
            /** @description One past the last. */
            to: number;
        };
        /** @description A text in the query bar. */
        SuggestRequest: {
            /** @description Where the cursor stands, in UTF-16 code units. */
            cursor: number;
            /**
             * Format: int64
             * @description First millisecond of the events whose values count; all if absent.
             */
            from?: number | null;
            /** @description Index names, comma-separated, with `*`. */
            index: string;
            /** @description Suggestions wanted, 20 if absent, at most 100. */
            limit?: number | null;
            /** @description Text. */
            q: string;
            /**
             * Format: int64
             * @description One past the last millisecond.
             */
            to?: number | null;
        };
        /** @description One thing that could stand at the cursor. */
        Suggestion: {
            /**
             * Format: int64
             * @description Events with this value, for values.
             */
            count?: number | null;
            /** @description What takes the place of the text; for an entity the way to its page. */
            insert: string;
            /** @description What it is. */
            kind: components["schemas"]["SuggestionKind"];
            /** @description What is shown. */
            text: string;
            /** @description Type of the field or of the entity. */
            type?: string | null;
        };
        /**
         * @description The kind of a suggestion.
         * @enum {string}
         */
        SuggestionKind: "entity" | "field" | "value";
        /** @description Events that match a threat list. */
        Threats: {
            /** @description The commonest indicators: addresses and domains. */
            indicators: components["schemas"]["ValueCount"][];
            /**
             * Format: int64
             * @description How many there are.
             */
            total: number;
        };
        /** @description From one time to another, in milliseconds since the epoch, the end exclusive. */
        TimeWindow: {
            /**
             * Format: int64
             * @description First millisecond.
             */
            from: number;
            /**
             * Format: int64
             * @description One past the last.
             */
            to: number;
        };
        /** @description A value and how many events have it. */
        ValueCount: {
            /**
             * Format: int64
             * @description Number of events.
             */
            n: number;
            /** @description Value. */
            v: string;
        };
        /**
         * @description What became of an object, in a word.
         * @enum {string}
         */
        Verdict: "no_log_type" | "left_out" | "not_read" | "broken" | "all_failed" | "all_excluded" | "empty" | "some_missing" | "gone" | "here";
        /** @description How much a log type brought. */
        Volume: {
            /** @description Events of the last 24 hours by hour; the last hour ends now. */
            bars: number[];
            /** @description The same for a week ago. */
            before: number[];
            /**
             * Format: int64
             * @description Events of the same hours a week ago.
             */
            before_total: number;
            /** @description Log type. */
            log_type: string;
            /**
             * Format: int64
             * @description Events of the last 24 hours.
             */
            total: number;
        };
        /** @description What became of an object. */
        Whereabouts: {
            /** @description The bucket, if one was named. */
            bucket?: string | null;
            /** @description Its dead letters by reason, for the latest object. */
            dead_letters: components["schemas"]["ReasonCount"][];
            /** @description Its events in the store. */
            events: components["schemas"]["ObjectEvents"];
            /** @description No object has exactly this key: `objects` have it as a part of theirs. */
            is_part: boolean;
            /** @description The key that was looked for. */
            key: string;
            /** @description What the ledger says of it, the latest first; several if it was read with different contents. */
            objects: components["schemas"]["LedgerItem"][];
            /** @description Where the key leads. */
            route: components["schemas"]["KeyRoute"];
            /** @description The answer in a word. */
            verdict: components["schemas"]["Verdict"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
