import { GlassworksError } from "../../../domain/errors.ts";

/** Drawing styles in the order the network numbers them. */
export const drawnStyles = ["flat", "cartoon", "3d"] as const;
export type DrawnStyle = (typeof drawnStyles)[number];

/** What a caller may ask for; `any` lets the seed choose, so that a series of seeds varies more. */
export const askedStyles = [...drawnStyles, "any"] as const;

const defaultStyle: DrawnStyle = "cartoon";
const styleWord = /\b(flat|cartoon|3d)\b/i;

/**
 * The style to draw in: the one asked for, else the one the prompt names ("a 3d rocket"), else cartoon.
 * @throws {GlassworksError} `engine_invalid` for a style that the network was not trained on.
 */
export function chooseStyle(asked: string | null, prompt: string, seed: number): DrawnStyle {
	const name = asked ?? styleWord.exec(prompt)?.[1]?.toLowerCase() ?? defaultStyle;
	const drawn = drawnStyles.find((style, at) => style === name || (name === "any" && at === seed % drawnStyles.length));
	if (drawn) return drawn;
	throw new GlassworksError("engine_invalid", `The built-in model draws in the styles ${askedStyles.join(", ")}; asked for "${name}".`, {
		allowed: [...askedStyles],
	});
}
