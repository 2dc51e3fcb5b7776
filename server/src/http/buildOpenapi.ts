import { defaultHttpLimits, type HttpConfig, type HttpPorts } from "./ports.ts";
import { createHttpServer } from "./server.ts";

/** The OpenAPI 3.1 document of the native API, from the routes themselves. Needs no database; what the SDK's types are generated from. */
export async function buildOpenapi(version = "0.1.0"): Promise<object> {
	const config: HttpConfig = {
		publicUrl: () => "http://localhost:8080",
		version,
		proxies: 0,
		liveForMs: 30_000,
		leaseMs: 30_000,
		heartbeatMs: 10_000,
		limits: defaultHttpLimits,
	};
	const operator = { brand: { name: "Glassworks" } };
	// Routes are registered and never called, so what they would work with stays away.
	const app = await createHttpServer({ config, operator, dialects: [], webDir: null, log: false } as unknown as HttpPorts);
	try {
		await app.ready();
		return JSON.parse(JSON.stringify(app.swagger())) as object;
	} finally {
		await app.close();
	}
}
