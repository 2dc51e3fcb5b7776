/** How the first of two things lies to the second. */
export type Relation = "beside" | "left" | "right" | "on" | "above" | "below" | "behind" | "before";

interface Connector {
	readonly relation: Relation;
	/** Whether the words say nothing else: "beside" does, "doughnut with icing" is one thing. */
	readonly plain: boolean;
}

/** Words between two things, as in normalised phrases. */
export const connectors: Readonly<Record<string, Connector>> = {
	"on left side of": { relation: "left", plain: true },
	"on right side of": { relation: "right", plain: true },
	"to left of": { relation: "left", plain: true },
	"to right of": { relation: "right", plain: true },
	"on left of": { relation: "left", plain: true },
	"on right of": { relation: "right", plain: true },
	"left of": { relation: "left", plain: true },
	"right of": { relation: "right", plain: true },
	"next to": { relation: "beside", plain: true },
	"close to": { relation: "beside", plain: true },
	"in front of": { relation: "before", plain: true },
	"on top of": { relation: "on", plain: true },
	beside: { relation: "beside", plain: true },
	near: { relation: "beside", plain: true },
	behind: { relation: "behind", plain: true },
	above: { relation: "above", plain: true },
	below: { relation: "below", plain: true },
	beneath: { relation: "below", plain: true },
	underneath: { relation: "below", plain: true },
	under: { relation: "below", plain: false },
	over: { relation: "above", plain: false },
	on: { relation: "on", plain: false },
	by: { relation: "beside", plain: false },
	and: { relation: "beside", plain: false },
	with: { relation: "beside", plain: false },
};

/** How many of a thing a scene can hold. */
export const counts: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, "1": 1, "2": 2, "3": 3, "4": 4 };

/** Relative to what things are drawn at otherwise. */
export const sizes: Readonly<Record<string, number>> = {
	...{ tiny: 0.5, small: 0.65, little: 0.65 },
	...{ big: 1.4, large: 1.4, huge: 1.7, giant: 1.7 },
};

/** Words before a thing that change nothing that could be drawn. */
export const decorations = new Set(
	"beautiful bright cute fluffy friendly happy lonely lovely nice old playful pretty shiny sleepy tall wild wooden young".split(" "),
);

export type Sky = "day" | "sunny" | "cloudy" | "sunset" | "night";
export type Ground = "grass" | "sand" | "snow" | "water";

/** Words of a landscape, each with what it says of sky and ground. */
export const landscapeWords: Readonly<Record<string, { readonly sky?: Sky; readonly ground?: Ground }>> = {
	...{ grass: { ground: "grass" }, lawn: { ground: "grass" }, meadow: { ground: "grass" }, field: { ground: "grass" } },
	...{ sand: { ground: "sand" }, beach: { ground: "sand" }, desert: { ground: "sand" } },
	...{ snow: { ground: "snow" }, "snowy field": { ground: "snow" }, "snowy meadow": { ground: "snow" } },
	...{ water: { ground: "water" }, sea: { ground: "water" }, ocean: { ground: "water" }, lake: { ground: "water" } },
	...{ sky: { sky: "day" }, "sunny sky": { sky: "sunny" }, sun: { sky: "sunny" }, sunshine: { sky: "sunny" } },
	...{ "cloudy sky": { sky: "cloudy" }, clouds: { sky: "cloudy" }, "grey sky": { sky: "cloudy" } },
	...{
		sunset: { sky: "sunset" },
		"evening sky": { sky: "sunset" },
		dusk: { sky: "sunset" },
		dawn: { sky: "sunset" },
		sunrise: { sky: "sunset" },
	},
	...{
		night: { sky: "night" },
		"night sky": { sky: "night" },
		"starry sky": { sky: "night" },
		stars: { sky: "night" },
		moonlight: { sky: "night" },
	},
	...{ "sunny beach": { sky: "sunny", ground: "sand" }, "sunny meadow": { sky: "sunny", ground: "grass" }, "sunny day": { sky: "sunny" } },
	...{ "starry night": { sky: "night" }, "starry night sky": { sky: "night" }, "cloudy day": { sky: "cloudy" } },
};

/** What may stand before a word of a landscape without changing it. */
export const landscapeAdjectives = [
	"green",
	"lush",
	"yellow",
	"golden",
	"white",
	"blue",
	"clear",
	"bright",
	"deep",
	"calm",
	"wide",
	"open",
	"dark",
];

/** Things that hang in the air where there is a sky. */
export const airborne = new Set([
	...["sun", "sun with face", "cloud", "cloud with rain", "cloud with snow", "cloud with lightning", "cloud with lightning and rain"],
	...["sun behind cloud", "sun behind small cloud", "sun behind large cloud", "sun behind rain cloud", "crescent moon", "full moon"],
	...["full moon face", "star", "glowing star", "airplane", "small airplane", "helicopter", "rainbow", "balloon", "kite", "flying saucer"],
]);
