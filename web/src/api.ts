import { createClient } from "@glassworks/sdk";

/** The page and its server share an origin: the session cookie is the only credential here. */
export const api = createClient({ baseUrl: window.location.origin });

/** For what takes minutes, as an engine that loads its model for the first time. */
export const patientApi = createClient({ baseUrl: window.location.origin, timeoutMs: 300_000 });
