/**
 * Reads the one kind of Python pickle that a saved state dict is. A pickle is a program for a stack machine that may
 * call any Python function; this reader knows a fixed list of harmless names, builds plain records for them, and
 * refuses the file at the first name outside the list. Nothing is ever executed.
 */
import { checkpointError } from "./checkpointError.ts";

export interface StorageRef {
	kind: "storage";
	key: string;
	type: StorageType;
	/** Elements in the whole storage. */
	elements: number;
}
export interface TensorRef {
	kind: "tensor";
	storage: StorageRef;
	/** In elements from the start of the storage. */
	offset: number;
	shape: number[];
	stride: number[];
}
interface GlobalRef {
	kind: "global";
	name: string;
}
export type PickleDict = Map<PickleValue, PickleValue>;
export type PickleValue = null | boolean | number | bigint | string | PickleValue[] | PickleDict | StorageRef | TensorRef | GlobalRef;

/** Bytes per element of each storage class that torch may name. */
export const storageTypes = {
	FloatStorage: 4,
	HalfStorage: 2,
	BFloat16Storage: 2,
	DoubleStorage: 8,
	LongStorage: 8,
	IntStorage: 4,
	ShortStorage: 2,
	CharStorage: 1,
	ByteStorage: 1,
	BoolStorage: 1,
} as const;
export type StorageType = keyof typeof storageTypes;

const orderedDict = "collections OrderedDict";
const rebuildTensor = "torch._utils _rebuild_tensor_v2";
const rebuildParameter = "torch._utils _rebuild_parameter";
const allowedNames = new Set([orderedDict, rebuildTensor, rebuildParameter, ...Object.keys(storageTypes).map((name) => `torch ${name}`)]);

/** Marks where a group of stack items begins; never visible to callers. */
const mark: unique symbol = Symbol("mark");
type StackItem = PickleValue | typeof mark;

/** One pickle from `bytes` at `start`; `end` is where the next may begin. @throws {GlassworksError} engine_invalid */
export function unpickle(bytes: Uint8Array, start = 0): { value: PickleValue; end: number } {
	const machine = new Unpickler(bytes, start);
	return { value: machine.run(), end: machine.position };
}

class Unpickler {
	position: number;
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #stack: StackItem[] = [];
	readonly #memo = new Map<number, PickleValue>();

	constructor(bytes: Uint8Array, start: number) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.position = start;
	}

	run(): PickleValue {
		for (;;) {
			const code = this.#byte();
			if (code === 0x2e) return this.#pop();
			const act = opcodes[code];
			if (act === undefined)
				throw checkpointError("unsafe", `The checkpoint holds pickle instruction 0x${code.toString(16)}, which no state dict needs.`);
			act(this.#hands);
		}
	}

	readonly #hands: Hands = {
		push: (value: StackItem) => void this.#stack.push(value),
		pop: () => this.#pop(),
		top: () => this.#top(),
		popToMark: () => this.#popToMark(),
		uint: (size: 1 | 2 | 4) => this.#uint(size),
		int32: () => this.#view.getInt32(this.#advance(4), true),
		float64: () => this.#view.getFloat64(this.#advance(8), false),
		take: (length: number) => this.#bytes.subarray(this.#advance(length), this.position),
		line: () => this.#line(),
		remember: (index: number) => void this.#memo.set(index, this.#top()),
		recall: (index: number) => {
			const value = this.#memo.get(index);
			if (value === undefined) throw damaged("it refers to a value that it never stored");
			this.#stack.push(value);
		},
	};

	#advance(length: number): number {
		const at = this.position;
		if (at + length > this.#bytes.length) throw damaged("it ends in the middle of a value");
		this.position = at + length;
		return at;
	}
	#byte(): number {
		return this.#view.getUint8(this.#advance(1));
	}
	#uint(size: 1 | 2 | 4): number {
		const at = this.#advance(size);
		if (size === 1) return this.#view.getUint8(at);
		return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
	}
	#line(): string {
		const end = this.#bytes.indexOf(0x0a, this.position);
		if (end < 0 || end - this.position > 256) throw damaged("a name in it has no end");
		const text = text8(this.#bytes.subarray(this.position, end));
		this.position = end + 1;
		return text;
	}
	#pop(): PickleValue {
		const value = this.#stack.pop();
		if (value === undefined || value === mark) throw damaged("it takes a value that is not there");
		return value;
	}
	#top(): PickleValue {
		const value = this.#stack.at(-1);
		if (value === undefined || value === mark) throw damaged("it takes a value that is not there");
		return value;
	}
	#popToMark(): PickleValue[] {
		const at = this.#stack.lastIndexOf(mark);
		if (at < 0) throw damaged("it closes a group that it never opened");
		const items = this.#stack.splice(at).slice(1);
		return items.filter((item): item is PickleValue => item !== mark);
	}
}

/** What an instruction may do to the machine. */
interface Hands {
	push(value: StackItem): void;
	pop(): PickleValue;
	top(): PickleValue;
	popToMark(): PickleValue[];
	uint(size: 1 | 2 | 4): number;
	int32(): number;
	float64(): number;
	take(length: number): Uint8Array;
	line(): string;
	remember(index: number): void;
	recall(index: number): void;
}

/** Pickle protocol 2, the part that torch.save writes. https://docs.python.org/3/library/pickletools.html names each. */
const opcodes: Readonly<Record<number, (m: Hands) => void>> = {
	128: (m) => protocol(m.uint(1)),
	125: (m) => m.push(new Map()),
	93: (m) => m.push([]),
	41: (m) => m.push([]),
	40: (m) => m.push(mark),
	78: (m) => m.push(null),
	136: (m) => m.push(true),
	137: (m) => m.push(false),
	75: (m) => m.push(m.uint(1)),
	77: (m) => m.push(m.uint(2)),
	74: (m) => m.push(m.int32()),
	71: (m) => m.push(m.float64()),
	138: (m) => m.push(long(m.take(m.uint(1)))),
	88: (m) => m.push(text8(m.take(m.uint(4)))),
	99: (m) => m.push(named(m.line(), m.line())),
	113: (m) => m.remember(m.uint(1)),
	114: (m) => m.remember(m.uint(4)),
	104: (m) => m.recall(m.uint(1)),
	106: (m) => m.recall(m.uint(4)),
	116: (m) => m.push(m.popToMark()),
	133: (m) => m.push([m.pop()]),
	134: (m) => m.push([m.pop(), m.pop()].reverse()),
	135: (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
	115: (m) => setItems(m, [m.pop(), m.pop()].reverse()),
	117: (m) => setItems(m, m.popToMark()),
	97: (m) => append(m, [m.pop()]),
	101: (m) => append(m, m.popToMark()),
	81: (m) => m.push(storage(m.pop())),
	82: (m) => {
		const args = m.pop();
		m.push(call(m.pop(), args));
	},
	98: (m) => {
		// Attributes of a dict (`_metadata`): versions of torch modules, of no use here.
		m.pop();
		if (!(m.top() instanceof Map)) throw checkpointError("unsafe", "The checkpoint sets attributes on something that is not a dict.");
	},
};

function setItems(m: Hands, items: PickleValue[]): void {
	const dict = m.top();
	if (!(dict instanceof Map) || items.length % 2 !== 0) throw damaged("it fills something that is not a dict");
	for (let i = 0; i < items.length; i += 2) dict.set(items[i] ?? null, items[i + 1] ?? null);
}
function append(m: Hands, items: PickleValue[]): void {
	const list = m.top();
	if (!Array.isArray(list)) throw damaged("it extends something that is not a list");
	for (const item of items) list.push(item);
}

function protocol(version: number): void {
	if (version !== 2)
		throw checkpointError("unsupported", `The checkpoint is pickled with protocol ${version}; only 2, the default of torch, is read.`);
}

function named(module: string, name: string): GlobalRef {
	const full = `${module} ${name}`;
	if (!allowedNames.has(full))
		throw checkpointError("unsafe", `The checkpoint asks for ${module}.${name}, which is no part of a state dict. It was not loaded.`);
	return { kind: "global", name: full };
}

function call(callee: PickleValue, args: PickleValue): PickleValue {
	if (!isGlobal(callee) || !Array.isArray(args)) throw damaged("it calls something that is not a name");
	if (callee.name === orderedDict && args.length === 0) return new Map();
	if (callee.name === rebuildTensor) return tensor(args);
	const [first] = args;
	if (callee.name === rebuildParameter && isTensor(first)) return first;
	throw checkpointError("unsafe", `The checkpoint calls ${callee.name.replace(" ", ".")} in a way that no state dict does.`);
}

function storage(id: PickleValue): StorageRef {
	if (!Array.isArray(id)) throw damaged("a storage has no description");
	const [tag, type, key, , elements, view] = id;
	const name = isGlobal(type) ? type.name.replace(/^torch /, "") : "";
	if (tag !== "storage" || !isStorageType(name) || typeof key !== "string" || !isCount(elements))
		throw damaged("a storage has no description");
	if (view !== undefined && view !== null)
		throw checkpointError("unsupported", "The checkpoint shares storages through views; save it anew with torch 1.6 or later.");
	return { kind: "storage", key, type: name, elements };
}

function tensor(args: PickleValue[]): TensorRef {
	const [source, offset, shape, stride] = args;
	if (!isStorage(source) || !isCount(offset) || !isCounts(shape) || !isCounts(stride) || shape.length !== stride.length)
		throw damaged("a tensor has no usable shape");
	return { kind: "tensor", storage: source, offset, shape, stride };
}

const isKind = (value: PickleValue | undefined, kind: string) =>
	typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map) && value.kind === kind;
const isGlobal = (value: PickleValue | undefined): value is GlobalRef => isKind(value, "global");
const isStorage = (value: PickleValue | undefined): value is StorageRef => isKind(value, "storage");
export const isTensor = (value: PickleValue | undefined): value is TensorRef => isKind(value, "tensor");
const isCount = (value: PickleValue | undefined): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isCounts = (value: PickleValue | undefined): value is number[] => Array.isArray(value) && value.every(isCount);
const isStorageType = (name: string): name is StorageType => Object.hasOwn(storageTypes, name);

/** Little-endian two's complement, any length. */
function long(bytes: Uint8Array): bigint {
	let value = 0n;
	for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
	return BigInt.asIntN(bytes.length * 8, value);
}

const decoder = new TextDecoder("utf-8", { fatal: true });
function text8(bytes: Uint8Array): string {
	try {
		return decoder.decode(bytes);
	} catch {
		throw damaged("a text in it is not UTF-8");
	}
}

const damaged = (what: string) => checkpointError("damaged", `The checkpoint is damaged: ${what}.`);
