import { storage, sweep } from "../contract/storage.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

/** Storage, for its operator. */
export function storageRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/storage",
		{
			config: { access: "operate" },
			schema: {
				operationId: "getStorage",
				tags: ["Operator"],
				summary: "How much is stored, by account",
				security: security.key,
				response: { 200: json("The largest first.", storage), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => {
			const usage = await ports.blobIndex.usage();
			const data = usage.map(({ tenantId, blobs, bytes, unreferencedBlobs, unreferencedBytes }) => ({
				...{ tenant_id: tenantId, pictures: blobs, bytes },
				...{ unreferenced_pictures: unreferencedBlobs, unreferenced_bytes: unreferencedBytes },
			}));
			return { data, bytes: data.reduce((sum, { bytes }) => sum + bytes, 0) };
		},
	);

	app.post(
		"/storage/sweep",
		{
			config: { access: "operate" },
			schema: {
				operationId: "sweepStorage",
				tags: ["Operator"],
				summary: "Remove what nobody needs any more, now",
				description:
					"The server does this by itself all the time. Takes no body. Looks at everything that is stored once: minutes at a million pictures.",
				security: security.key,
				response: { 200: json("What was done.", sweep), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => ports.sweeper.runWhole(),
	);
}
