import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Door } from "../../contract/door.ts";
import { wrong } from "../common/readPicture.ts";
import { presentMessage } from "./answer.ts";
import { queueRoutes } from "./queueRoutes.ts";
import { refuse } from "./refuse.ts";
import { runRoutes } from "./runRoutes.ts";
import { refuseRealtime, storageRoutes } from "./storageRoutes.ts";

/** Where fal's own hosts are here. */
const hosts: Record<string, string> = {
	"fal.run": "/fal/run",
	"queue.fal.run": "/fal/queue",
	"rest.fal.ai": "/fal/rest",
	"rest.alpha.fal.ai": "/fal/rest",
	"v3.fal.media": "/fal/cdn",
};
/** fal's JavaScript client sends everything to one address, and says in a header where it is meant for. */
const proxyPath = "/api/fal/proxy";

export const fal = {
	prefix: "/fal",
	refuse,
	webhook: { shape: "fal", present: presentMessage },
	rewrite({ url = "/", headers }: IncomingMessage): string | null {
		if (url.split("?")[0] !== proxyPath) return null;
		const target = headers["x-fal-target-url"];
		if (typeof target !== "string" || !URL.canParse(target)) return "/fal/proxy";
		const { host, pathname, search } = new URL(target);
		const base = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
		return base === undefined ? "/fal/proxy" : `${base}${pathname.replace(/\/$/, "")}${search}`;
	},
	routes(app: FastifyInstance, door: Door): void {
		runRoutes(app, door);
		queueRoutes(app, door);
		storageRoutes(app, door);
		refuseRealtime(app);
		app.all("/proxy", async () => {
			throw wrong("x-fal-target-url", `must be an address at ${Object.keys(hosts).join(", ")}`);
		});
	},
};
