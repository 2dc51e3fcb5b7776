import { useBrand } from "./useBrand.ts";

export function Wordmark() {
	const { name, logo_url: logo } = useBrand();
	return (
		<span className="flex items-center gap-2.5 text-[17px] font-semibold tracking-tight">
			{logo === null ? <Bubble /> : <img src={logo} alt="" className="size-7 object-contain" />}
			{name}
		</span>
	);
}

function Bubble() {
	return (
		<svg viewBox="0 0 24 24" className="size-7" aria-hidden="true">
			<path d="M12 1v6" className="stroke-cool" strokeWidth="2.4" strokeLinecap="round" />
			<circle cx="12" cy="14.5" r="7.5" className="fill-ember" />
			<path d="M7.8 13.6a4.6 4.6 0 0 1 3.4-3.5" fill="none" stroke="#fff" strokeWidth="1.6" strokeLinecap="round" />
		</svg>
	);
}
