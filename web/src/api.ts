import { createClient } from "@glassworks/sdk";

/** The page and its server share an origin: the session cookie is the only credential here. */
export const api = createClient({ baseUrl: window.location.origin });
