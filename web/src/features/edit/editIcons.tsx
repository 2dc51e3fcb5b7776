import { Icon } from "../../ui/icons.tsx";

export const Brush = () => (
	<Icon>
		<path d="M16.5 3.5c-3.5 1.6-6.4 4-8.2 7l1.2 1.2c3-1.8 5.4-4.7 7-8.2ZM7.3 11.6c-2 0-2.9 1.2-3 2.6-.1 1-.6 1.8-1.5 2.3 3 .9 6.2.2 6.4-2.6" />
	</Icon>
);
export const Eraser = () => (
	<Icon>
		<path d="m8.5 16.5-4.8-4.8a1.4 1.4 0 0 1 0-2l6-6a1.4 1.4 0 0 1 2 0l4.6 4.6a1.4 1.4 0 0 1 0 2l-6.2 6.2H8.5Zm0 0H17M6.7 6.7l6.6 6.6" />
	</Icon>
);
export const Lasso = () => (
	<Icon>
		<path d="M5.2 12.2C3.7 11.2 3 9.8 3 8.3 3 5.4 6.1 3 10 3s7 2.4 7 5.3-3.1 5.3-7 5.3c-1 0-2-.2-2.9-.5" strokeDasharray="2.6 2" />
		<circle cx="6" cy="13" r="1.6" />
		<path d="M6.4 14.6c.3 1.1 0 2-.9 2.6" />
	</Icon>
);
export const Rectangle = () => (
	<Icon>
		<rect x="3" y="4.5" width="14" height="11" rx="1" strokeDasharray="2.6 2" />
	</Icon>
);
export const Invert = () => (
	<Icon>
		<circle cx="10" cy="10" r="7" />
		<path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" />
	</Icon>
);
export const Grow = () => (
	<Icon>
		<circle cx="10" cy="10" r="2.6" />
		<path d="M10 5V2m0 0L8.6 3.4M10 2l1.4 1.4M10 15v3m0 0-1.4-1.4M10 18l1.4-1.4M5 10H2m0 0 1.4-1.4M2 10l1.4 1.4M15 10h3m0 0-1.4-1.4M18 10l-1.4 1.4" />
	</Icon>
);
export const Shrink = () => (
	<Icon>
		<circle cx="10" cy="10" r="1.6" />
		<path d="M10 2v4m0 0L8.6 4.6M10 6l1.4-1.4M10 18v-4m0 0-1.4 1.4M10 14l1.4 1.4M2 10h4m0 0L4.6 8.6M6 10l-1.4 1.4M18 10h-4m0 0 1.4-1.4M14 10l1.4 1.4" />
	</Icon>
);
export const Clear = () => (
	<Icon>
		<path d="M4 6h12M8 6V4h4v2m-6.5 0 .7 10h7.6l.7-10" />
	</Icon>
);
export const Undo = () => (
	<Icon>
		<path d="M4 8h8a4 4 0 0 1 0 8H8M4 8l3.5-3.5M4 8l3.5 3.5" />
	</Icon>
);
export const Redo = () => (
	<Icon>
		<path d="M16 8H8a4 4 0 0 0 0 8h4M16 8l-3.5-3.5M16 8l-3.5 3.5" />
	</Icon>
);
export const Plus = () => (
	<Icon>
		<path d="M10 4v12M4 10h12" />
	</Icon>
);
export const Minus = () => (
	<Icon>
		<path d="M4 10h12" />
	</Icon>
);
export const Fit = () => (
	<Icon>
		<path d="M3 7V4.5A1.5 1.5 0 0 1 4.5 3H7m6 0h2.5A1.5 1.5 0 0 1 17 4.5V7m0 6v2.5a1.5 1.5 0 0 1-1.5 1.5H13m-6 0H4.5A1.5 1.5 0 0 1 3 15.5V13" />
	</Icon>
);
export const Upload = () => (
	<Icon>
		<path d="M10 12.5v-9M6 7l4-4 4 4M4 16.5h12" />
	</Icon>
);
