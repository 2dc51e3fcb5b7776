import { join } from "node:path";
import { GlassworksError } from "../../../domain/errors.ts";
import type { Face } from "../../../domain/workflows/stepParams.ts";
import type { OnnxOutput, OnnxRun, RawImage } from "../runtime/types.ts";
import { sampleSquare } from "./sample.ts";
import { apply, type Point, type Similarity } from "./similarity.ts";

/** BlazeFace comes in two: `front` for faces that fill much of the view, `back` for smaller ones. */
interface Detector {
	file: string;
	sizePx: number;
	/** Below this a find is not believed. */
	minScore: number;
}
const front: Detector = { file: "blazeface-front.onnx", sizePx: 128, minScore: 0.7 };
const back: Detector = { file: "blazeface-back.onnx", sizePx: 256, minScore: 0.8 };

/** Pictures larger than this are also searched piece by piece: shrunk to 256 px as a whole, small faces would vanish. */
const wholePx = 640;
const minPiecePx = 512;
const maxPiecesPerSide = 6;
/** Boxes that overlap more than this (intersection over union) are one face. */
const sameFaceOverlap = 0.3;
const sameFaceInside = 0.7;
/** A close look shows this many times the box. */
const closeLook = 2;

/**
 * Every face in the picture, best first; landmarks in pixels of the picture. Finds faces from about 23 px when the
 * picture is at most 512 px, turned by at most about 30 degrees.
 * @throws {GlassworksError} model_missing when the detectors are not in `modelsDir`/faces
 */
export async function detectFaces(run: OnnxRun, image: RawImage, modelsDir: string): Promise<Face[]> {
	const look = (detector: Detector, view: Similarity) => findFaces(run, image, modelsDir, detector, view);
	const whole = { x: image.widthPx / 2, y: image.heightPx / 2 };
	const sidePx = Math.max(image.widthPx, image.heightPx);
	const faces: Face[] = [];
	for (const face of await look(front, viewOf(whole, sidePx, front))) faces.push((await closer(look, face)) ?? face);
	const smaller = await look(back, viewOf(whole, sidePx, back));
	for (const piece of pieces(image)) smaller.push(...(await look(back, viewOf(piece.centre, piece.sidePx, back))));
	for (const face of distinct([...faces, ...smaller]).filter((face) => !faces.includes(face))) {
		// `back` also believes in cats, and many pieces give it many chances to err: `front` must agree.
		const confirmed = await closer(look, face);
		if (confirmed !== null) faces.push(confirmed);
	}
	return distinct(faces);
}

type Look = (detector: Detector, view: Similarity) => Promise<Face[]>;

/** The same face seen large and upright, where landmarks are accurate. Null when the close look finds no face there. */
async function closer(look: Look, face: Face): Promise<Face | null> {
	const [leftEye, rightEye] = face.landmarks;
	if (leftEye === undefined || rightEye === undefined) return null;
	const centre = { x: face.box.x + face.box.width / 2, y: face.box.y + face.box.height / 2 };
	const sidePx = closeLook * Math.max(face.box.width, face.box.height);
	const angle = Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);
	const seen = await look(front, viewOf(centre, sidePx, front, angle));
	const same = seen.find((candidate) => overlap(candidate, face).union > sameFaceOverlap);
	return same === undefined ? null : { ...same, score: Math.max(same.score, face.score) };
}

/** The square view of `sidePx` around `centre`, turned by `angle`: from detector pixels to picture pixels. */
function viewOf(centre: Point, sidePx: number, detector: Detector, angle = 0): Similarity {
	const scale = sidePx / detector.sizePx;
	const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
	const half = detector.sizePx / 2;
	return { a, b, tx: centre.x - (a * half - b * half), ty: centre.y - (b * half + a * half) };
}

/** Overlapping squares that cover a large picture; none for a small one. */
function pieces(image: RawImage): { centre: Point; sidePx: number }[] {
	const longPx = Math.max(image.widthPx, image.heightPx);
	if (longPx <= wholePx) return [];
	const sidePx = Math.max(minPiecePx, (longPx * 2) / (maxPiecesPerSide + 1));
	const [columns, rows] = [centres(image.widthPx, sidePx), centres(image.heightPx, sidePx)];
	return rows.flatMap((y) => columns.map((x) => ({ centre: { x, y }, sidePx })));
}

function centres(lengthPx: number, sidePx: number): number[] {
	if (lengthPx <= sidePx) return [lengthPx / 2];
	const steps = Math.ceil((lengthPx - sidePx) / (sidePx / 2));
	return Array.from({ length: steps + 1 }, (_, i) => sidePx / 2 + ((lengthPx - sidePx) * i) / steps);
}

async function findFaces(run: OnnxRun, image: RawImage, modelsDir: string, detector: Detector, view: Similarity): Promise<Face[]> {
	const { sizePx } = detector;
	const data = sampleSquare(image, view, sizePx, "black").map((value) => value / 127.5 - 1);
	const outputs = await run(join(modelsDir, "faces", detector.file), { input: { data, dims: [1, sizePx, sizePx, 3] } });
	const faces: Face[] = [];
	for (const grid of grids) {
		const scores = outputNamed(outputs, `classificators_${grid.head}`).data;
		const boxes = outputNamed(outputs, `regressors_${grid.head}`).data;
		for (const [anchor, logit] of scores.entries()) {
			const score = 1 / (1 + Math.exp(-logit));
			if (score >= detector.minScore)
				faces.push(decodeFace(score, boxes.subarray(anchor * 16, anchor * 16 + 16), anchorAt(grid, anchor), sizePx, view));
		}
	}
	return distinct(faces);
}

/** Where the detector looks: a fine grid with 2 anchors a cell, a coarse one with 6. */
const grids = [
	{ head: 1, cells: 16, perCell: 2 },
	{ head: 2, cells: 8, perCell: 6 },
] as const;

function anchorAt({ cells, perCell }: (typeof grids)[number], index: number): Point {
	const cell = Math.floor(index / perCell);
	return { x: ((cell % cells) + 0.5) / cells, y: (Math.floor(cell / cells) + 0.5) / cells };
}

/** 16 numbers per anchor, in detector pixels: box centre, box size, then eye, eye, nose, mouth, ear, ear, all from the anchor. */
function decodeFace(score: number, values: Float32Array, anchor: Point, sizePx: number, view: Similarity): Face {
	const point = (at: number) => apply(view, { x: anchor.x * sizePx + (values[at] ?? 0), y: anchor.y * sizePx + (values[at + 1] ?? 0) });
	const centre = point(0);
	const scale = Math.hypot(view.a, view.b);
	const [width, height] = [(values[2] ?? 0) * scale, (values[3] ?? 0) * scale];
	return { score, box: { x: centre.x - width / 2, y: centre.y - height / 2, width, height }, landmarks: [4, 6, 8, 10].map(point) };
}

function outputNamed(outputs: Record<string, OnnxOutput>, ending: string): OnnxOutput {
	const name = Object.keys(outputs).find((key) => key.endsWith(ending));
	const output = name === undefined ? undefined : outputs[name];
	if (output === undefined)
		throw new GlassworksError("model_missing", "The face detector is not the expected network. Run `glassworks models verify`.");
	return output;
}

/** Best first, without those that show a face already kept. */
function distinct(faces: readonly Face[]): Face[] {
	const kept: Face[] = [];
	for (const face of faces.toSorted((left, right) => right.score - left.score)) {
		const isKnown = kept.some((other) => {
			const { union, smaller } = overlap(face, other);
			return union >= sameFaceOverlap || smaller >= sameFaceInside;
		});
		if (!isKnown) kept.push(face);
	}
	return kept;
}

/** Shared area as a share of both boxes together, and of the smaller one. */
function overlap({ box: one }: Face, { box: other }: Face): { union: number; smaller: number } {
	const width = Math.max(0, Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x));
	const height = Math.max(0, Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y));
	const [shared, areaOne, areaOther] = [width * height, one.width * one.height, other.width * other.height];
	return { union: shared / (areaOne + areaOther - shared), smaller: shared / Math.min(areaOne, areaOther) };
}
