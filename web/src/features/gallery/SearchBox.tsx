import { type RefObject, useEffect, useState } from "react";
import { Search } from "../../ui/icons.tsx";

interface Props {
	boxRef: RefObject<HTMLInputElement | null>;
	value: string;
	onChange(value: string): void;
}

/** Searches once typing pauses. */
export function SearchBox({ boxRef, value, onChange }: Props) {
	const [text, setText] = useState(value);
	useEffect(() => setText(value), [value]);
	useEffect(() => {
		if (text.trim() === value) return;
		const timer = setTimeout(() => onChange(text.trim()), 250);
		return () => clearTimeout(timer);
	}, [text, value, onChange]);
	return (
		<label className="relative w-full sm:w-80">
			<span className="pointer-events-none absolute inset-y-0 left-3 grid place-items-center text-ink-faint">
				<Search />
			</span>
			<input
				ref={boxRef}
				type="search"
				aria-label="Search in prompts"
				aria-keyshortcuts="/"
				placeholder="Search in prompts"
				maxLength={200}
				className="field h-10 w-full pr-3 pl-10 text-sm"
				value={text}
				onChange={(event) => setText(event.target.value)}
				onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
			/>
		</label>
	);
}
