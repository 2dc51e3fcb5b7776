import type { ReactNode } from "react";

export function Icon({ children }: { children: ReactNode }) {
	return (
		<svg
			viewBox="0 0 20 20"
			className="size-5 shrink-0"
			fill="none"
			stroke="currentColor"
			strokeWidth="1.6"
			strokeLinecap="round"
			strokeLinejoin="round"
			aria-hidden="true"
		>
			{children}
		</svg>
	);
}

export const Sun = () => (
	<Icon>
		<circle cx="10" cy="10" r="3.4" />
		<path d="M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M4.5 15.5l1.1-1.1M14.4 5.6l1.1-1.1" />
	</Icon>
);
export const Moon = () => (
	<Icon>
		<path d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z" />
	</Icon>
);
export const Dice = () => (
	<Icon>
		<rect x="3" y="3" width="14" height="14" rx="3.2" />
		<path d="M7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01" strokeWidth="2.2" />
	</Icon>
);
export const Lock = ({ open }: { open: boolean }) => (
	<Icon>
		<rect x="4" y="9" width="12" height="8" rx="2" />
		<path d={open ? "M7 9V6a3 3 0 0 1 5.8-1" : "M7 9V6a3 3 0 0 1 6 0v3"} />
	</Icon>
);
export const Close = () => (
	<Icon>
		<path d="m5 5 10 10M15 5 5 15" />
	</Icon>
);
export const Down = () => (
	<Icon>
		<path d="m5 7.5 5 5 5-5" />
	</Icon>
);
export const Previous = () => (
	<Icon>
		<path d="m12.5 4-6 6 6 6" />
	</Icon>
);
export const Next = () => (
	<Icon>
		<path d="m7.5 4 6 6-6 6" />
	</Icon>
);
export const Download = () => (
	<Icon>
		<path d="M10 3v9m-4-3.5 4 4 4-4M4 16.5h12" />
	</Icon>
);
export const Copy = () => (
	<Icon>
		<rect x="7" y="7" width="10" height="10" rx="2" />
		<path d="M13 4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13" />
	</Icon>
);
export const Compare = () => (
	<Icon>
		<rect x="3" y="4" width="14" height="12" rx="2" />
		<path d="M10 2v16M6 9l-1.5 1.5L6 12M14 9l1.5 1.5L14 12" />
	</Icon>
);
export const SignOut = () => (
	<Icon>
		<path d="M8 3.5H5A1.5 1.5 0 0 0 3.5 5v10A1.5 1.5 0 0 0 5 16.5h3M13 6.5l3.5 3.5-3.5 3.5M16.5 10H8" />
	</Icon>
);
export const Warning = () => (
	<Icon>
		<path d="M10 3 2.5 16.5h15L10 3Zm0 5.5v3.5m0 2.3v.1" />
	</Icon>
);
export const Stack = () => (
	<Icon>
		<path d="m10 3 7 3.5-7 3.5-7-3.5L10 3Zm-7 7 7 3.5 7-3.5M3 13.5 10 17l7-3.5" />
	</Icon>
);
export const Brackets = () => (
	<Icon>
		<path d="m6.5 5.5-4 4.5 4 4.5M13.5 5.5l4 4.5-4 4.5M11.5 3.5l-3 13" />
	</Icon>
);
export const Nodes = () => (
	<Icon>
		<rect x="2.5" y="3.5" width="5.5" height="5.5" rx="1.5" />
		<rect x="12" y="11" width="5.5" height="5.5" rx="1.5" />
		<path d="M8 6.2h3.2A2.3 2.3 0 0 1 13.5 8.5V11M5.2 9v2.5a2.3 2.3 0 0 0 2.3 2.3H12" />
	</Icon>
);
export const Spark = () => (
	<Icon>
		<path d="M10 2.5c.6 4.4 2.6 6.4 7 7.5-4.4 1.1-6.4 3.1-7 7.5-.6-4.4-2.6-6.4-7-7.5 4.4-1.1 6.4-3.1 7-7.5Z" />
	</Icon>
);
export const Person = () => (
	<Icon>
		<circle cx="10" cy="7" r="3.2" />
		<path d="M3.8 17c.7-3.3 3.1-5 6.2-5s5.5 1.7 6.2 5" />
	</Icon>
);
export const Keyboard = () => (
	<Icon>
		<rect x="2.5" y="5" width="15" height="10" rx="2" />
		<path d="M6 8.5h.01M10 8.5h.01M14 8.5h.01M7 12h6" strokeWidth="1.9" />
	</Icon>
);
export const Hourglass = () => (
	<Icon>
		<path d="M5 2.8h10M5 17.2h10M6.2 2.8v2.6c0 2 3.8 3 3.8 4.6s-3.8 2.6-3.8 4.6v2.6M13.8 2.8v2.6c0 2-3.8 3-3.8 4.6s3.8 2.6 3.8 4.6v2.6" />
	</Icon>
);
export const Pulse = () => (
	<Icon>
		<path d="M2.5 10.5h3.2l2.2-6 4 11 2.4-5h3.2" />
	</Icon>
);
export const Wand = () => (
	<Icon>
		<path d="m3.5 16.5 8-8m2-2 1-1m-3 3 2-2M14 2.5v2M18 6.5h-2M17 3l-1.2 1.2M17.5 10.5l-1.4-1.2M9.5 3.5l1.3 1.3" />
	</Icon>
);
export const Gallery = () => (
	<Icon>
		<rect x="3" y="3" width="6" height="6" rx="1.4" />
		<rect x="11" y="3" width="6" height="8" rx="1.4" />
		<rect x="3" y="11" width="6" height="6" rx="1.4" />
		<rect x="11" y="13" width="6" height="4" rx="1.4" />
	</Icon>
);
export const Star = ({ filled = false }: { filled?: boolean }) => (
	<Icon>
		<path d="m10 2.8 2.2 4.5 5 .7-3.6 3.5.8 5L10 14.1l-4.4 2.4.8-5L2.8 8l5-.7L10 2.8Z" fill={filled ? "currentColor" : "none"} />
	</Icon>
);
export const Check = () => (
	<Icon>
		<path d="m5 10.5 3.5 3.5L15 6.5" strokeWidth="2.2" />
	</Icon>
);
export const Search = () => (
	<Icon>
		<circle cx="8.8" cy="8.8" r="5" />
		<path d="m12.6 12.6 4 4" />
	</Icon>
);
export const Board = () => (
	<Icon>
		<path d="M3 6.5A1.5 1.5 0 0 1 4.5 5H8l1.6 2h5.9A1.5 1.5 0 0 1 17 8.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-8Z" />
	</Icon>
);
export const Trash = () => (
	<Icon>
		<path d="M3.5 5.5h13M8 5V3.5h4V5M5 5.5l.8 10.2A1.4 1.4 0 0 0 7.2 17h5.6a1.4 1.4 0 0 0 1.4-1.3L15 5.5M8.3 8.5v5M11.7 8.5v5" />
	</Icon>
);
export const Plus = () => (
	<Icon>
		<path d="M10 4v12M4 10h12" />
	</Icon>
);
export const Pencil = () => (
	<Icon>
		<path d="m4 16 .8-3.4L13.4 4a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2l-8.6 8.6L4 16Z" />
	</Icon>
);
export const Info = () => (
	<Icon>
		<circle cx="10" cy="10" r="7.2" />
		<path d="M10 9.2v4.4M10 6.4v.1" strokeWidth="1.9" />
	</Icon>
);
export const Gauge = () => (
	<Icon>
		<path d="M4.2 15.5a7.5 7.5 0 1 1 11.6 0M10 11l3.2-3.8" />
		<circle cx="10" cy="11.4" r="1.2" />
	</Icon>
);
