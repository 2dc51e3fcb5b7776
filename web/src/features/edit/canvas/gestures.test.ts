import { beforeEach, expect, test } from "vitest";
import { type Contact, createGestures } from "./gestures.ts";

let said: string[] = [];
let pans = false;
let gestures: ReturnType<typeof createGestures>;
const contact = (id: number, x: number, y: number, more: Partial<Contact> = {}): Contact => ({
	id,
	x,
	y,
	type: "mouse",
	button: 0,
	pressure: 0.5,
	...more,
});
const finger = (id: number, x: number, y: number) => contact(id, x, y, { type: "touch" });

beforeEach(() => {
	said = [];
	pans = false;
	gestures = createGestures({
		pans: () => pans,
		begin: ({ x, y, button }) => said.push(`begin ${x},${y}${button === 5 ? " with the eraser" : ""}`),
		draw: (contacts) => said.push(`draw ${contacts.map(({ x, y }) => `${x},${y}`).join(" ")}`),
		end: () => said.push("end"),
		cancel: () => said.push("cancel"),
		pan: ({ x, y }) => said.push(`pan ${x},${y}`),
		pinch: ({ x, y }, by) => said.push(`pinch ${x},${y} by ${by}`),
	});
});

test("the main button draws with every place the pointer was at", () => {
	gestures.down(contact(1, 5, 5));
	gestures.move([contact(1, 6, 5), contact(1, 7, 5)]);
	gestures.up(1);
	gestures.move([contact(1, 9, 9)]);
	expect(said).toEqual(["begin 5,5", "draw 6,5 7,5", "end"]);
});

test("the middle button and the space bar move the picture, the right one does nothing", () => {
	gestures.down(contact(1, 5, 5, { button: 1 }));
	gestures.move([contact(1, 8, 4)]);
	gestures.up(1);
	gestures.down(contact(1, 5, 5, { button: 2 }));
	gestures.up(1);
	pans = true;
	gestures.down(contact(1, 0, 0));
	gestures.move([contact(1, 1, 2)]);
	gestures.up(1);
	expect(said).toEqual(["pan 3,-1", "pan 1,2"]);
});

test("one finger paints; a second one takes the stroke back and both move and zoom", () => {
	gestures.down(finger(1, 0, 0));
	gestures.down(finger(2, 10, 0));
	gestures.move([finger(2, 20, 0)]);
	gestures.move([finger(1, 0, 0)]);
	gestures.up(1);
	gestures.move([finger(2, 50, 50)]);
	gestures.up(2);
	gestures.down(finger(3, 1, 1));
	gestures.up(3);
	expect(said).toEqual(["begin 0,0", "cancel", "pan 5,0", "pinch 10,0 by 2", "pan 0,0", "pinch 10,0 by 1", "begin 1,1", "end"]);
});

test("a pen that is turned around erases, and a pointer that the system takes away draws nothing", () => {
	gestures.down(contact(1, 2, 2, { type: "pen", button: 5 }));
	gestures.up(1, true);
	expect(said).toEqual(["begin 2,2 with the eraser", "cancel"]);
});
