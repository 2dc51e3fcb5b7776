import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** The file that OpenCV is: code and WebAssembly in one. */
export const opencvFile = require.resolve("@techstark/opencv-js");

/** An OpenCV matrix. Lies in the module's own memory until it is deleted. */
export interface Mat {
	readonly data: Uint8Array;
	delete(): void;
}

/** What we use of OpenCV 4.5.2. */
export interface OpenCv {
	Mat: new (rows?: number, columns?: number, type?: number) => Mat;
	CV_8UC1: number;
	CV_8UC3: number;
	INPAINT_TELEA: number;
	/** `radius`: how far around a pixel is looked, in pixels. */
	inpaint(source: Mat, mask: Mat, target: Mat, radius: number, method: number): void;
}

type Loading = OpenCv & { then?: unknown; onRuntimeInitialized?: () => void };

/** In a holder: the module itself has a `then` that resolves with itself, so that awaiting it would never end. */
let loaded: Promise<{ cv: OpenCv }> | null = null;

/** Compiles OpenCV at first use: 0.3 s and 130 MB, so only in the engine's thread. */
export function loadOpenCv(): Promise<{ cv: OpenCv }> {
	loaded ??= load();
	return loaded;
}

/** The next use gets a fresh module: one that ran out of memory stays unusable. */
export function forgetOpenCv(): void {
	loaded = null;
}

async function load(): Promise<{ cv: OpenCv }> {
	const cv = evaluate();
	if (!("Mat" in cv) || cv.Mat === undefined) await new Promise<void>((resolve) => (cv.onRuntimeInitialized = resolve));
	return { cv };
}

/** Its start-up code takes over what becomes of errors that nobody caught; that stays ours. */
function evaluate(): Loading {
	const events = ["uncaughtException", "unhandledRejection"] as const;
	const before = events.map((event) => process.rawListeners(event));
	delete require.cache[opencvFile];
	const cv = require("@techstark/opencv-js") as Loading;
	events.forEach((event, at) => {
		for (const listener of process.rawListeners(event))
			if (!before[at]?.includes(listener)) process.removeListener(event, listener as () => void);
	});
	return cv;
}
