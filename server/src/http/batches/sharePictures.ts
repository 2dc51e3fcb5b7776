import { GlassworksError } from "../../domain/errors.ts";
import type { HttpPorts } from "../ports.ts";

/** Addresses that one batch may have fetched. */
const maxAddresses = 50;

/** The same ports for the items of one batch: a picture that many of them start from is looked up, fetched and checked once. */
export function sharePictures(ports: HttpPorts): HttpPorts {
	const fetched = new Map<string, ReturnType<HttpPorts["urls"]["fetch"]>>();
	const admitted = new WeakMap<Uint8Array, ReturnType<HttpPorts["pictures"]["admit"]>>();
	const put = new WeakMap<Uint8Array, ReturnType<HttpPorts["blobs"]["put"]>>();
	const assets = new Map<string, ReturnType<HttpPorts["assets"]["get"]>>();
	const jobs = new Map<string, ReturnType<HttpPorts["jobs"]["get"]>>();
	const keep = <K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V => {
		const value = map.get(key) ?? make();
		map.set(key, value);
		return value;
	};
	return {
		...ports,
		urls: {
			async fetch(url, limits) {
				if (!fetched.has(url) && fetched.size >= maxAddresses)
					throw new GlassworksError(
						"invalid_request",
						`A batch may name at most ${maxAddresses} addresses of pictures. Upload the pictures and name them by asset_id.`,
						{ max: maxAddresses },
					);
				return keep(fetched, url, () => ports.urls.fetch(url, limits));
			},
		},
		pictures: { ...ports.pictures, admit: (bytes, limits) => keep(admitted, bytes, () => ports.pictures.admit(bytes, limits)) },
		blobs: { ...ports.blobs, put: (tenantId, bytes) => keep(put, bytes, () => ports.blobs.put(tenantId, bytes)) },
		assets: { ...ports.assets, get: (tenantId, id) => keep(assets, id, () => ports.assets.get(tenantId, id)) },
		jobs: { ...ports.jobs, get: (tenantId, id) => keep(jobs, id, () => ports.jobs.get(tenantId, id)) },
	};
}
