import dgram from "node:dgram";
import { once } from "node:events";

export interface DnsServer {
	/** As `ip:port`. */
	address: string;
	/** Every question asked: name and record type (1 is A, 28 is AAAA). */
	questions: { name: string; type: number }[];
	close(): void;
}

/** A DNS server on this machine. `answer` gives the addresses of a name: IPv4 as four bytes, IPv6 as sixteen; `turn` counts the questions for it. */
export async function startDnsServer(answer: (name: string, type: number, turn: number) => number[][]): Promise<DnsServer> {
	const socket = dgram.createSocket("udp4");
	const questions: { name: string; type: number }[] = [];
	socket.on("message", (query, from) => {
		const labels: string[] = [];
		let at = 12;
		for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
			labels.push(query.toString("latin1", at + 1, at + 1 + length));
			at += 1 + length;
		}
		const end = at + 5;
		const question = { name: labels.join("."), type: query.readUInt16BE(at + 1) };
		const turn = questions.filter((asked) => asked.name === question.name && asked.type === question.type).length;
		questions.push(question);
		const records = answer(question.name, question.type, turn).map((address) =>
			Buffer.from([0xc0, 12, 0, question.type, 0, 1, 0, 0, 0, 0, 0, address.length, ...address]),
		);
		const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0]);
		socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), from.port, from.address);
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	return { address: `127.0.0.1:${socket.address().port}`, questions, close: () => socket.close() };
}
