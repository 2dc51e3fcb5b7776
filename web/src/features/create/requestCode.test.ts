import { expect, test } from "vitest";
import { type Language, requestCode } from "../../format/requestCode.ts";
import { emptyDraft, toRequest } from "./draft.ts";
import { generationOf } from "./generationOf.ts";
import { readShared, shareLink } from "./shareLink.ts";

const draft = { ...emptyDraft, prompt: `it's "quoted" \\ 雪`, loras: [{ name: "ink", strength: 0.5 }] };
const codeFor = (language: Language, request: ReturnType<typeof toRequest>, origin: string) =>
	requestCode(language, generationOf(request, origin));

test("curl sends exactly the form, whatever is in the prompt", () => {
	const code = codeFor("curl", toRequest(draft), "https://glass.example");
	const quoted = code.slice(code.indexOf("-d '") + 4, -1).replaceAll("'\\''", "'");
	expect(JSON.parse(quoted)).toEqual(toRequest(draft));
	expect(code).toContain("Bearer $GLASSWORKS_KEY");
});

test("Python has its own words for true and false", () => {
	const code = codeFor("Python", toRequest({ ...draft, upscale: false }), "https://glass.example");
	expect(code).toContain('"upscale": False');
	expect(code).toContain('"restore_faces": True');
	expect(code).not.toMatch(/: (true|false|null)\b/);
});

test("TypeScript asks the same server for the same", () => {
	expect(codeFor("TypeScript", toRequest(draft), "https://glass.example")).toContain('baseUrl: "https://glass.example"');
});

test("a shared link brings the recipe back, without the account's own pictures", () => {
	const request = toRequest({ ...draft, image: { input: { asset_id: "asset_1" }, url: "https://x/secret?signature=1" } });
	expect(request.image).toEqual({ asset_id: "asset_1" });
	const link = new URL(shareLink(request, "https://glass.example"));
	const { image: _image, ...rest } = request;
	expect(readShared(link.search, link.hash)).toEqual(rest);
	expect(link.hash).not.toContain("=");
	for (const damaged of ["", "#", "#%%", "#e30x", `#${btoa("[1]")}`, `#${btoa("null")}`]) expect(readShared("?recipe", damaged)).toBeNull();
	expect(readShared("", link.hash)).toBeNull();
});
